// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A new struct, and a new member in a union that stays as large: nothing that lives looks
 * different.
 */
#include "frame.h"

union value {
	long number;
	const char *text;
	struct {
		int low, high;
	} half;
};

struct pair {
	long first, second;
};

static union value value;

static NOINLINE long change(long n)
{
	struct pair pair = { n, n + 1 };

	value.number = pair.second;
	return value.half.low * 10 + value.half.high;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
