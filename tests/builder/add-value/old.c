// SPDX-License-Identifier: LGPL-2.1-or-later
/* The initial value changes: the running program gets it by a callback, and its own back. */
#include "frame.h"

static volatile long limit = 5;
static volatile long seen;

NOINLINE long clamp(long n)
{
	seen = n;
	return n < limit ? n : limit;
}

void answer(const char *word, long n)
{
	if (is(word, "limit"))
		say("%ld", limit);
	else
		say("%ld", clamp(n));
}
