// SPDX-License-Identifier: LGPL-2.1-or-later
/* What nobody uses is not in the program; the diff changes it, and something that is. */
#include "frame.h"

NOINLINE long change(long n)
{
	return n + 1;
}

NOINLINE long unused(long n)
{
	return n + 2;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
