// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two files are added; one name means something else in each of them. */
#include "frame.h"

long one(long n);
long two(long n);
#pragma weak first_count
#pragma weak second_count
long first_count(void);
long second_count(void);

NOINLINE long both(long n)
{
	return one(n) + two(n) + first_count() * 1000 + second_count() * 1000000;
}

void answer(const char *word, long n)
{
	say("%ld", both(n));
}
