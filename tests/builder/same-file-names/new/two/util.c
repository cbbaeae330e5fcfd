// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../frame.h"

long two(long n);

static long calls;

static NOINLINE long scale(long n)
{
	calls += 10;
	return n * 30 + calls;
}

long two(long n)
{
	return scale(n);
}
