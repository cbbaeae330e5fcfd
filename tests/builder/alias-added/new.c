// SPDX-License-Identifier: LGPL-2.1-or-later
/* A static variable gets a second name. */
#include "frame.h"

static long calls;
extern long all_calls __attribute__((alias("calls")));

static NOINLINE long count(long n)
{
	return ++calls;
}

NOINLINE long other(long n)
{
	return n * 3;
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "count") ? count(n) : other(n));
}
