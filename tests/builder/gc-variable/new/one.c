// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long unused(void);
long one(long n);

static long hits = 1;

NOINLINE long unused(void)
{
	return ++hits; /* discarded, and so is hits */
}

NOINLINE long one(long n)
{
	return n + ++hits;
}
