// SPDX-License-Identifier: LGPL-2.1-or-later
/* Only what was moved into FUNCTION.cold changes. */
#include "frame.h"

static long complaints;

static __attribute__((cold, noinline)) void complain(long n)
{
	complaints += n;
}

static NOINLINE long check(long n)
{
	if (__builtin_expect(n < 0, 0)) {
		complain(n);
		complain(n * 2 - 7);
		return complaints + n;
	}
	return n + 1;
}

void answer(const char *word, long n)
{
	say("%ld", check(n));
}
