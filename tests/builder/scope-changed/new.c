// SPDX-License-Identifier: LGPL-2.1-or-later
/* A private function becomes a public one, and a public one private. */
#include "frame.h"

long first(long n);

NOINLINE long first(long n)
{
	return n + 100;
}

static NOINLINE long second(long n)
{
	return n + 200;
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "first") ? first(n) : second(n));
}
