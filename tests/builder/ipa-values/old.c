// SPDX-License-Identifier: LGPL-2.1-or-later
/* The compiler saw with which values a function is called. Now it is called with another. */
#include "frame.h"

static NOINLINE const char *name(long n)
{
	if (n < 0)
		return "negative";
	if (n > 10)
		return "large";
	return n == 1 ? "one" : "small";
}

NOINLINE const char *first(long n)
{
	return n ? name(1) : name(2);
}

NOINLINE const char *second(long n)
{
	return n ? name(3) : name(4);
}

void answer(const char *word, long n)
{
	say("%s", is(word, "first") ? first(n) : second(n));
}
