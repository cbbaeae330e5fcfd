// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long two_set(long n);
long two(long n);

static long base = 100;

static NOINLINE long scale(long n)
{
	if (n > 1000)
		say("too big");
	return n * 3 + base;
}

NOINLINE long two_set(long n)
{
	base = n;
	return scale(n);
}

NOINLINE long two(long n)
{
	return scale(n) + two_set(base);
}
