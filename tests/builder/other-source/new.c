// SPDX-License-Identifier: LGPL-2.1-or-later
/* The tree has another source of the function that the diff changes, apart from it. */
#include "frame.h"

NOINLINE long change(long n)
{
	long sum = 3;

	for (long i = 0; i < n; i++)
		sum += i;
	if (sum > 100)
		sum = 100;
	return sum + 100;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
