// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long two(long n);

static NOINLINE long scale(long n)
{
	return n * 30;
}

long two(long n)
{
	return scale(n) + 1;
}
