// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A changed function compares a pointer, stored before, with the address of a changed
 * function.
 */
#include "frame.h"

static long twice(long n)
{
	return n * 2;
}

static long square(long n)
{
	return n * n;
}

static long (*volatile operation)(long n);

static NOINLINE const char *name(void)
{
	if (operation == twice)
		return "twice";
	return operation == square ? "square" : "unknown";
}

void answer(const char *word, long n)
{
	if (is(word, "choose")) {
		if (!operation)
			operation = n ? square : twice;
		say("chosen");
	} else if (is(word, "name")) {
		say("%s", name());
	} else {
		say("%ld", operation(n));
	}
}
