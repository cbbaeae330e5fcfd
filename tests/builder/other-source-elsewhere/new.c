// SPDX-License-Identifier: LGPL-2.1-or-later
/* The tree differs from the program that runs in a function that the diff does not touch. */
#include "frame.h"

NOINLINE long change(long n)
{
	return n + 100;
}

NOINLINE long other(long n)
{
	return n + 2;
}

NOINLINE long third(long n)
{
	return n * 5 + other(n);
}

void answer(const char *word, long n)
{
	if (is(word, "third"))
		say("%ld", third(n));
	else
		say("%ld", change(n));
}
