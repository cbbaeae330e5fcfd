// SPDX-License-Identifier: LGPL-2.1-or-later
/* More arguments than registers, of all classes. */
#include "frame.h"

static NOINLINE double all(long a, long b, long c, long d, long e, long f, long g, long h, char i,
			   double j, double k, double l, double m, double n, double o, double p,
			   double q, double r, float s, long double t)
{
	return a + b + c + d + e + f + g * 20 + h * 100 + i + j + k + l + m + n + o + p + q + r -
	       s - (double)t;
}

void answer(const char *word, long n)
{
	say("%g", all(n, 1, 1, 1, 1, 1, 2, 3, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5f, 0.25L));
}
