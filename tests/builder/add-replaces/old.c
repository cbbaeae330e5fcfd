// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A function that the diff does not touch is replaced by hand. Its callers, old and new, may count on registers
 * that it does not change.
 */
#include "frame.h"

static long factor = 3;

static NOINLINE long scale(long n)
{
	return n * factor;
}

NOINLINE long old_user(long a, long b, long c, long d)
{
	long first = scale(a), second = scale(b);

	return first + second * 10 + a * 100 + b * 1000 + c * 10000 + d * 100000;
}

NOINLINE long new_user(long a, long b, long c, long d)
{
	return scale(a) + a * 100 + b * 1000 + c * 10000 + d * 100000;
}

void answer(const char *word, long n)
{
	if (is(word, "factor"))
		say("%ld", ++factor);
	else if (is(word, "old"))
		say("%ld", old_user(n, n + 1, n + 2, n + 3));
	else
		say("%ld", new_user(n, n + 1, n + 2, n + 3));
}
