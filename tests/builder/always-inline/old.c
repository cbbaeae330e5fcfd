// SPDX-License-Identifier: LGPL-2.1-or-later
/* One function that is always inlined and one that never is change. */
#include "frame.h"

static inline __attribute__((always_inline)) long always(long n)
{
	return n + 1;
}

static NOINLINE long never(long n)
{
	return n * 2;
}

NOINLINE long use(long n)
{
	return always(never(n));
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "use") ? use(n) : never(n));
}
