// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two variables of one section change places, and nothing else of the data. */
#include "frame.h"

#define HOT __attribute__((section(".bss.hot")))
static long first HOT;
static long second HOT;

NOINLINE long one(void)
{
	return ++first;
}

NOINLINE long two(void)
{
	return second += 100;
}

NOINLINE long call(long n)
{
	return n * 2;
}

void answer(const char *word, long n)
{
	if (is(word, "one"))
		say("%ld", one());
	else if (is(word, "two"))
		say("%ld", two());
	else
		say("%ld", call(n));
}
