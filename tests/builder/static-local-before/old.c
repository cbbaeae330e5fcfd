// SPDX-License-Identifier: LGPL-2.1-or-later
/* A second static local before the first one: the numbers that the compiler appends shift. */
#include "frame.h"

NOINLINE long count(void)
{
	static long calls;

	calls++;
	return calls;
}

void answer(const char *word, long n)
{
	say("%ld", count());
}
