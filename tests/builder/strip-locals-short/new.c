// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Private names were stripped, and one of the functions that change is reached through a table only, too
 * short to be known by its bytes.
 */
#include "frame.h"

struct operation {
	const char *name;
	long (*run)(long n);
};

void rename_it(void);

static long twice(long n)
{
	return n * 3;
}

static long half(long n)
{
	return n / 2;
}

static struct operation operations[] = { { "twice", twice }, { "half", half } };

void rename_it(void)
{
	operations[1].name = "third";
	operations[1].run = 0;
}

NOINLINE long other(long n)
{
	return n + 7;
}

void answer(const char *word, long n)
{
	for (unsigned int i = 0; i < 2; i++)
		if (is(word, operations[i].name)) {
			say("%ld", operations[i].run(n));
			return;
		}
	say("%ld", other(n));
}
