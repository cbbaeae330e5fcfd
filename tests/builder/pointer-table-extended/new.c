// SPDX-License-Identifier: LGPL-2.1-or-later
/* A table of function pointers gets another entry. */
#include "frame.h"

static NOINLINE long twice(long n)
{
	return n * 2;
}

static NOINLINE long square(long n)
{
	return n * n;
}

static NOINLINE long cube(long n)
{
	return n * n * n;
}

static long (*operation[])(long) = { twice, square, cube };

NOINLINE void swap(void)
{
	long (*first)(long) = operation[0];

	operation[0] = operation[1];
	operation[1] = first;
}

void answer(const char *word, long n)
{
	if (is(word, "swap"))
		swap();
	say("%ld %zu", operation[0](n), sizeof(operation) / sizeof(*operation));
}
