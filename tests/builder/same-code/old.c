// SPDX-License-Identifier: LGPL-2.1-or-later
/* The diff changes the source, and the compiler makes the same code of it. */
#include "frame.h"

NOINLINE long change(long n)
{
	return n * 2;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
