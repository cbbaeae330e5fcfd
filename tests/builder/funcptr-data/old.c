// SPDX-License-Identifier: LGPL-2.1-or-later
/* A pointer in unchanged data to the changed function. */
#include "frame.h"

static long twice(long n)
{
	return n * 2;
}

static long square(long n)
{
	return n * n;
}

static struct operation {
	const char *name;
	long (*run)(long n);
} operations[] = { { "twice", twice }, { "square", square } };

void answer(const char *word, long n)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		if (is(word, operations[i].name)) {
			say("%ld", operations[i].run(n));
			operations[i].name = is(word, "square") ? "square" : "twice";
		}
	}
}
