// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two functions with a static local of the same name. */
#include "frame.h"

NOINLINE long first(void)
{
	static long calls;

	return ++calls;
}

NOINLINE long second(void)
{
	static long calls;

	calls += 10;
	return calls;
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "first") ? first() : second());
}
