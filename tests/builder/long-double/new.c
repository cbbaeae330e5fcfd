// SPDX-License-Identifier: LGPL-2.1-or-later
/* Extended floating point, complex numbers, 128-bit integers. */
#include <complex.h>

#include "frame.h"

static NOINLINE long double scale(long double n)
{
	return n / 1.5L + 2.25L;
}

static NOINLINE double _Complex turn(double _Complex n)
{
	return n * (1.0 - 2.0 * I);
}

static NOINLINE __int128 widen(__int128 n)
{
	return n * 1000000000000LL * 1000000000000LL / 7;
}

void answer(const char *word, long n)
{
	double _Complex turned = turn(n + 1.0 * I);

	say("%Lg %g %g %ld", scale((long double)n), creal(turned), cimag(turned),
	    (long)(widen(n) >> 40));
}
