// SPDX-License-Identifier: LGPL-2.1-or-later
/* A new function with a static local of the name that another function's has. */
#include "frame.h"

NOINLINE long count(void)
{
	static long calls;

	calls++;
	return calls;
}

NOINLINE long other(void)
{
	static long calls = 50;

	return ++calls;
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "count") ? count() : other());
}
