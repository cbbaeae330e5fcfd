// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two private functions of one name in two files; both change, each in its own way. */
#include "frame.h"

long one(long n);
long two(long n);

void answer(const char *word, long n)
{
	say("%ld", is(word, "one") ? one(n) : two(n));
}
