// SPDX-License-Identifier: LGPL-2.1-or-later
/* The compiler moves what is rarely executed away, into FUNCTION.cold; both parts change. */
#include <stdlib.h>

#include "frame.h"

static long complaints;

static __attribute__((cold, noinline)) void complain(long n)
{
	complaints += n;
}

static NOINLINE long check(long n)
{
	if (__builtin_expect(n == 1000, 0))
		abort();
	if (__builtin_expect(n < 0, 0)) {
		complain(n);
		complain(n * 2);
		return complaints + 1000;
	}
	return n + 100;
}

void answer(const char *word, long n)
{
	say("%ld", check(n));
}
