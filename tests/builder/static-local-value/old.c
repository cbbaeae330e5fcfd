// SPDX-License-Identifier: LGPL-2.1-or-later
/* The initial value of a static local changes: the running program has it already. */
#include "frame.h"

NOINLINE long count(void)
{
	static long calls = 5;

	return ++calls;
}

void answer(const char *word, long n)
{
	say("%ld", count());
}
