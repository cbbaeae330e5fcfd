// SPDX-License-Identifier: LGPL-2.1-or-later
/* The weak function changes that another one overrides: nobody calls it. */
#include "frame.h"

long hook(long n);

__attribute__((weak)) long hook(long n)
{
	return n + 100;
}

void answer(const char *word, long n)
{
	say("%ld", hook(n));
}
