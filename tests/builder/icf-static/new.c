// SPDX-License-Identifier: LGPL-2.1-or-later
/* The same with two private functions. */
#include "frame.h"

static NOINLINE long first(long n)
{
	return (n * 17 + 3) / (n | 1) + (n ^ 5) * 2;
}

static NOINLINE long second(long n)
{
	return (n * 17 + 3) / (n | 1) + (n ^ 5) * 200;
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "first") ? first(n) : second(n));
}
