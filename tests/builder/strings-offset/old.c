// SPDX-License-Identifier: LGPL-2.1-or-later
/* A string changes that is read with an index that begins at 48: the code has an address before it. */
#include "frame.h"

static NOINLINE char digit(long n)
{
	if (n < 10)
		say("less than ten, really");
	if (n < 20)
		say("less than twenty, really");
	if (n > 63)
		say("more than sixtythree");
	return "0123456789abcdef"[n - 48];
}

NOINLINE long other(long n)
{
	return n * 2;
}

void answer(const char *word, long n)
{
	if (is(word, "call"))
		say("%c", digit(n));
	else
		say("%ld", other(n));
}
