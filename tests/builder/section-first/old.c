// SPDX-License-Identifier: LGPL-2.1-or-later
/* A new variable comes first in a section that has another one. */
#include "frame.h"

#define HOT __attribute__((section(".data.hot")))
static long first HOT = 5;

static NOINLINE long one(void)
{
	return ++first;
}

static NOINLINE long call(long n)
{
	return n * 2;
}

void answer(const char *word, long n)
{
	if (is(word, "one"))
		say("%ld", one());
	else
		say("%ld", call(n));
}
