// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A changed function takes the address of a changed function, stores it, and it is called
 * later.
 */
#include "frame.h"

static long (*operation)(long n);

static long twice(long n)
{
	return n * 200;
}

static NOINLINE void choose(long n)
{
	operation = twice;
	say("chosen %ld", n);
}

void answer(const char *word, long n)
{
	if (is(word, "choose"))
		choose(n);
	else
		say("%ld", operation(n));
}
