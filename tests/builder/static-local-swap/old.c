// SPDX-License-Identifier: LGPL-2.1-or-later
/* Of two static locals of one name in one function the first goes, and a third one comes. */
#include "frame.h"

#define COUNT(by)                                                                                  \
	({                                                                                         \
		static long calls;                                                                 \
		calls += (by);                                                                     \
		calls;                                                                             \
	})

static NOINLINE long call(long n)
{
	long sum = 0;

	if (n & 1)
		sum += COUNT(1);
	if (n & 2)
		sum += COUNT(100);
	return sum;
}

void answer(const char *word, long n)
{
	say("%ld", call(n));
}
