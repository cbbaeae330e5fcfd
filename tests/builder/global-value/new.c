// SPDX-License-Identifier: LGPL-2.1-or-later
/* The initial value of a variable changes: the running program has it already. */
#include "frame.h"

extern long limit;

long limit = 7;

NOINLINE long next(void)
{
	return ++limit;
}

void answer(const char *word, long n)
{
	say("%ld", next());
}
