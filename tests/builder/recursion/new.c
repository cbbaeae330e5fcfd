// SPDX-License-Identifier: LGPL-2.1-or-later
/* A function that calls itself, and two that call each other. */
#include "frame.h"

static NOINLINE long factorial(long n)
{
	return n < 2 ? 1 : n * factorial(n - 1) + 1;
}

static NOINLINE long odd(long n);

static NOINLINE long even(long n)
{
	return n == 0 ? 1 : odd(n - 1);
}

static NOINLINE long odd(long n)
{
	return n == 0 ? 7 : even(n - 1);
}

void answer(const char *word, long n)
{
	say("%ld %ld", factorial(n), even(n));
}
