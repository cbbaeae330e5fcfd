// SPDX-License-Identifier: LGPL-2.1-or-later
/* A file in assembler, which does not change. */
#include "frame.h"

long twice(long n);

NOINLINE long change(long n)
{
	return twice(n + 1) + 100;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
