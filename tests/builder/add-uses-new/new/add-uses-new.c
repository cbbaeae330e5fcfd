// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is added uses what the diff defines anew, in a new source too. */
#include "frame.h"

#pragma weak discount_of
long discount_of(long n);
extern long tax;

long tax = 100;

NOINLINE long taxed(long n)
{
	return n + tax;
}

NOINLINE long price(long n)
{
	return n * 2 - (discount_of ? discount_of(n) : 0);
}

void answer(const char *word, long n)
{
	say("%ld", price(n));
}
