// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The compiler saw that a function leaves a variable alone, and its caller keeps the value.
 * Now it does not.
 */
#include "frame.h"

static long level = 3;
static long other;

static NOINLINE void step(long n)
{
	other += n;
	level = n;
}

NOINLINE long caller(long n)
{
	long result;

	level = 3;
	step(n);
	result = level * 100;
	level = 3;
	return result + (other > 0);
}

void answer(const char *word, long n)
{
	say("%ld", caller(n));
}
