// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is added does not compile. */
#include "frame.h"

NOINLINE long twice(long n)
{
	return n * 2;
}

void answer(const char *word, long n)
{
	say("%ld", twice(n));
}
