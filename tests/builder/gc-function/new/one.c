// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long one_set(long n);
long one(long n);

static long base = 1;

static NOINLINE long scale(long n)
{
	if (n > 1000)
		say("too big");
	return n * 3 + base;
}

NOINLINE long one_set(long n)
{
	base = n;
	return scale(n);
}

NOINLINE long one(long n)
{
	return scale(n);
}
