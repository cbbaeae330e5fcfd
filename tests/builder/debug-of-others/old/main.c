// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two files of one name, and debug information of only one of them. */
#include "frame.h"

long one(long n);
long two(long n);

void answer(const char *word, long n)
{
	say("%ld", is(word, "one") ? one(n) : two(n));
}
