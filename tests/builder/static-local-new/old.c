// SPDX-License-Identifier: LGPL-2.1-or-later
/* A function gets its first static local. */
#include "frame.h"

NOINLINE long count(long n)
{
	return n;
}

void answer(const char *word, long n)
{
	say("%ld", count(n));
}
