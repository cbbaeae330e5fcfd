// SPDX-License-Identifier: LGPL-2.1-or-later
/* A function has two static locals of one name, as a macro makes them: their lines tell which is which. */
#include "frame.h"

#define COUNT(by)                                                                                  \
	({                                                                                         \
		static long calls;                                                                 \
		calls += (by);                                                                     \
		calls;                                                                             \
	})

NOINLINE long call(long n)
{
	long sum = 0;

	if (n > 100)
		return n;
	if (n & 1)
		sum += COUNT(1);
	if (n & 2)
		sum += COUNT(100);
	return sum * 3;
}

void answer(const char *word, long n)
{
	say("%ld", call(n));
}
