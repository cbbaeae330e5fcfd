// SPDX-License-Identifier: LGPL-2.1-or-later
/* A function loses a static local, and keeps another. */
#include "frame.h"

NOINLINE long count(void)
{
	static long steps;
	static long calls;

	calls++;
	steps += 10;
	return calls + steps;
}

void answer(const char *word, long n)
{
	say("%ld", count());
}
