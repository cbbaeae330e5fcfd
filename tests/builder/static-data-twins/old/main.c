// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two private variables of one name in two files. */
#include "frame.h"

long one(void);
long two(void);

void answer(const char *word, long n)
{
	say("%ld", is(word, "one") ? one() : two());
}
