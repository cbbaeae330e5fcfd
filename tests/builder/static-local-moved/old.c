// SPDX-License-Identifier: LGPL-2.1-or-later
/* A function loses its static local, and another one gets one of that name. */
#include "frame.h"

static NOINLINE long first(long n)
{
	static long calls;

	return ++calls + n;
}

static NOINLINE long second(long n)
{
	return n;
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "first") ? first(n) : second(n));
}
