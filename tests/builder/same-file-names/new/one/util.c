// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../frame.h"

long one(long n);

static long calls;

static NOINLINE long scale(long n)
{
	calls++;
	return n * 20 + calls;
}

long one(long n)
{
	return scale(n);
}
