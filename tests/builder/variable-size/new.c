// SPDX-License-Identifier: LGPL-2.1-or-later
/* The type of a variable becomes a larger one. */
#include "frame.h"

static long total = 5;

NOINLINE long add(long n)
{
	return total += n;
}

void answer(const char *word, long n)
{
	say("%ld", add(n));
}
