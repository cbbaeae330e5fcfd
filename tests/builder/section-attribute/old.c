// SPDX-License-Identifier: LGPL-2.1-or-later
/* Functions and data in sections of the author's choice. */
#include "frame.h"

#define SPECIAL __attribute__((section(".special.text")))

static long calls __attribute__((section(".special.data"))) = 10;

SPECIAL NOINLINE long first(long n)
{
	return n + 1;
}

SPECIAL NOINLINE long second(long n)
{
	calls++;
	return n + calls;
}

SPECIAL NOINLINE long third(long n)
{
	return n + 3;
}

void answer(const char *word, long n)
{
	if (is(word, "second"))
		say("%ld", second(n));
	else
		say("%ld", is(word, "first") ? first(n) : third(n));
}
