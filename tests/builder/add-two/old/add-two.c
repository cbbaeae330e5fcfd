// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two files are added; one name means something else in each of them. */
#include "frame.h"

long one(long n);
long two(long n);

NOINLINE long both(long n)
{
	return one(n) + two(n);
}

void answer(const char *word, long n)
{
	say("%ld", both(n));
}
