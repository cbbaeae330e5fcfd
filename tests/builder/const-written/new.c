// SPDX-License-Identifier: LGPL-2.1-or-later
/* A constant becomes a variable: what the program has of it cannot be written to. */
#include "frame.h"

static long step[] = { 5, 5 };

NOINLINE long count(long n)
{
	return n + step[n & 1]++;
}

void answer(const char *word, long n)
{
	say("%ld", count(n));
}
