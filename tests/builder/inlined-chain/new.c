// SPDX-License-Identifier: LGPL-2.1-or-later
/* A function that is inlined into one that is inlined into another. */
#include "frame.h"

static inline __attribute__((always_inline)) long innermost(long n)
{
	return n + 100;
}

static inline __attribute__((always_inline)) long middle(long n)
{
	return innermost(n) * 2;
}

NOINLINE long outer(long n)
{
	return middle(n) + 5;
}

void answer(const char *word, long n)
{
	say("%ld", outer(n));
}
