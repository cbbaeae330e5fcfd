// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long two(long n);

static long hits = 100;

NOINLINE long two(long n)
{
	return n + ++hits;
}
