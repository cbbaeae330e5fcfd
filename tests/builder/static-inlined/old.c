// SPDX-License-Identifier: LGPL-2.1-or-later
/* A private function that is inlined into its users in this file, two of three. */
#include "frame.h"

static inline long clamp(long n)
{
	return n < 10 ? n : 10;
}

NOINLINE long first(long n)
{
	return clamp(n) + 1;
}

NOINLINE long second(long n)
{
	return clamp(n) * 2;
}

NOINLINE long third(long n)
{
	return n * 3;
}

void answer(const char *word, long n)
{
	if (is(word, "first"))
		say("%ld", first(n));
	else if (is(word, "second"))
		say("%ld", second(n));
	else
		say("%ld", third(n));
}
