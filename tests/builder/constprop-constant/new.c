// SPDX-License-Identifier: LGPL-2.1-or-later
/* The constant changes for which the compiler specialises: the caller changes, the clone does. */
#include "frame.h"

static NOINLINE long scale(long n, long factor)
{
	long result = n * factor;

	for (long i = 0; i < n; i++)
		result ^= i * factor;
	return result;
}

NOINLINE long first(long n)
{
	return scale(n, 9);
}

void answer(const char *word, long n)
{
	say("%ld", first(n));
}
