// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long other(long n);

static NOINLINE long getppid(void)
{
	static volatile long x = -77;

	return x;
}

NOINLINE long other(long n)
{
	return n + getppid();
}
