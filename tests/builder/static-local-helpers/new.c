// SPDX-License-Identifier: LGPL-2.1-or-later
/* Static locals of one name, of functions inlined into one that changes; one more comes in front. */
#include "frame.h"

static inline long zeroth(long n)
{
	static long calls;

	calls += n;
	return calls;
}
static inline long first(long n)
{
	static long calls;

	calls += n;
	return calls;
}

static inline long second(long n)
{
	static long calls;

	calls += n * 100;
	return calls;
}

NOINLINE long call(long n)
{
	if (n > 100)
		return zeroth(n);
	return second(n) + first(n) + 10000;
}

void answer(const char *word, long n)
{
	say("%ld", call(n));
}
