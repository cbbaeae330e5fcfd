// SPDX-License-Identifier: LGPL-2.1-or-later
/* The function that overrides a weak one changes. */
#include "frame.h"

long hook(long n);

__attribute__((weak)) long hook(long n)
{
	return n + 1;
}

void answer(const char *word, long n)
{
	say("%ld", hook(n));
}
