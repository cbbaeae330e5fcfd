// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The compiler saw which registers a function leaves alone, and its caller keeps values there.
 * Now it uses all.
 */
#include "frame.h"

static long sink[4];

static NOINLINE void leaf(long n)
{
	long a = n * 3, b = n * 5, c = n * 7, d = n * 11, e = n * 13, f = n * 17;

	for (long i = 0; i < n; i++) {
		a += b ^ i, b += c ^ a, c += d ^ b, d += e ^ c, e += f ^ d, f += a ^ e;
		sink[i & 3] += a + b + c + d + e + f;
	}
	sink[0] = n + (sink[3] == 1);
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
