// SPDX-License-Identifier: LGPL-2.1-or-later
/* A function is replaced by the diff and by hand. */
#include "frame.h"

NOINLINE long twice(long n)
{
	return n * 2 + 1;
}

void answer(const char *word, long n)
{
	say("%ld", twice(n));
}
