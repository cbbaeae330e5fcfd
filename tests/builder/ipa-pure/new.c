// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The compiler saw that a function only computes, and calls it once for two calls. Now it
 * counts.
 */
#include "frame.h"

static long calls;

static NOINLINE long compute(long n)
{
	calls++;
	return n * 17 / (n | 1);
}

NOINLINE long caller(long n)
{
	return compute(n) + compute(n) * 2;
}

void answer(const char *word, long n)
{
	if (is(word, "calls")) {
		say("%ld", calls);
		calls = 0;
	} else {
		say("%ld", caller(n));
	}
}
