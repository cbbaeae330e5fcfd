// SPDX-License-Identifier: LGPL-2.1-or-later
/* A second static local of the same name in the same function, in a block before the first one. */
#include "frame.h"

NOINLINE long count(long n)
{
	long sum = 0;

	if (n > 100) {
		static volatile long calls = 7;

		sum = calls;
	}
	if (n > 0) {
		static long calls;

		calls++;
		sum += calls * 1000;
	}
	return sum;
}

void answer(const char *word, long n)
{
	say("%ld", count(n));
}
