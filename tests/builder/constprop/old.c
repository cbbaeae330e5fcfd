// SPDX-License-Identifier: LGPL-2.1-or-later
/* The compiler specialises a function for a constant: FUNCTION.constprop.0. */
#include "frame.h"

static NOINLINE long scale(long n, long factor, const char *unit)
{
	long result = n * factor;

	for (long i = 0; unit[i]; i++)
		result += unit[i] == 'g';
	return result;
}

NOINLINE long first(long n)
{
	return scale(n, 7, "kg") + 1;
}

NOINLINE long second(long n)
{
	return scale(n + 1, 7, "kg") + 2;
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "first") ? first(n) : second(n));
}
