// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The compiler saw which registers a function leaves alone, and its caller keeps values there.
 * Now it uses all.
 */
#include "frame.h"

static long sink[4];

static NOINLINE void leaf(long n)
{
	sink[0] = n;
}

NOINLINE long caller(long a, long b, long c, long d, long e, long f)
{
	leaf(a);
	return a + b * 10 + c * 100 + d * 1000 + e * 10000 + f * 100000 + sink[0];
}

void answer(const char *word, long n)
{
	say("%ld", caller(n, n + 1, n + 2, n + 3, n + 4, n + 5));
}
