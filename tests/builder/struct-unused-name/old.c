// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A new struct, and a new member in a union that stays as large: nothing that lives looks
 * different.
 */
#include "frame.h"

union value {
	long number;
	const char *text;
};

static union value value;

static NOINLINE long change(long n)
{
	value.number = n;
	return value.number;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
