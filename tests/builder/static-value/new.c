// SPDX-License-Identifier: LGPL-2.1-or-later
/* The initial value of a private variable changes, beside a change of code. */
#include "frame.h"

static long limit = 7;

NOINLINE long next(void)
{
	return ++limit + 100;
}

void answer(const char *word, long n)
{
	say("%ld", next());
}
