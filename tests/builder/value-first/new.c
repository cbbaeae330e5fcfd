// SPDX-License-Identifier: LGPL-2.1-or-later
/* A variable that had no initial value gets one: it moves from .bss to .data, and stays the same variable. */
#include "frame.h"

static long calls = 100;

NOINLINE long count(long n)
{
	return n + ++calls;
}

void answer(const char *word, long n)
{
	say("%ld", count(n));
}
