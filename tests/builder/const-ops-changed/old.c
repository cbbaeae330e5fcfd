// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A constant struct of functions gets another one of them; the program has kept a pointer to
 * it.
 */
#include "frame.h"

struct operations {
	long (*first)(long n);
	long (*second)(long n);
};

static long twice(long n)
{
	return n * 2;
}

static long square(long n)
{
	return n * n;
}

static long half(long n)
{
	return n / 2;
}

static const struct operations operations = { .first = twice, .second = square };
static const struct operations *volatile current = &operations;

void answer(const char *word, long n)
{
	if (is(word, "other"))
		say("%ld", half(n) + twice(n));
	else
		say("%ld", is(word, "first") ? current->first(n) : current->second(n));
}
