// SPDX-License-Identifier: LGPL-2.1-or-later
/* A private function becomes a public one, and a public one private. */
#include "frame.h"

static NOINLINE long first(long n)
{
	return n + 1;
}

NOINLINE long second(long n)
{
	return n + 2;
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "first") ? first(n) : second(n));
}
