// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A changed function puts a new function, a new string and a new variable into data that
 * others use.
 */
#include "frame.h"

static long (*operation)(long n);
static const char *label;

static long twice(long n)
{
	return n * 2;
}

static NOINLINE void choose(long n)
{
	operation = twice;
	label = "twice";
	say("chosen");
}

void answer(const char *word, long n)
{
	if (is(word, "choose"))
		choose(n);
	else
		say("%s %ld", label, operation(n));
}
