// SPDX-License-Identifier: LGPL-2.1-or-later
/* The static local of a function that is inlined into two others is one variable. */
#include "frame.h"

static inline __attribute__((always_inline)) long count(long step)
{
	static long calls;

	calls += step;
	return calls + 1000;
}

NOINLINE long first(void)
{
	return count(1);
}

NOINLINE long second(void)
{
	return count(10);
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "first") ? first() : second());
}
