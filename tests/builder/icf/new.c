// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two functions with the same body, which the compiler may make one; one of them changes. */
#include "frame.h"

NOINLINE long first(long n)
{
	return (n * 17 + 3) / (n | 1) + (n ^ 5) * 200;
}

NOINLINE long second(long n)
{
	return (n * 17 + 3) / (n | 1) + (n ^ 5) * 2;
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "first") ? first(n) : second(n));
}
