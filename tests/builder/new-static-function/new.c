// SPDX-License-Identifier: LGPL-2.1-or-later
/* The changed function calls a new private one. */
#include "frame.h"

static NOINLINE long square(long n)
{
	return n * n;
}

static NOINLINE long change(long n)
{
	return square(n) + 1;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
