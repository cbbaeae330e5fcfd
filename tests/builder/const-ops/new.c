// SPDX-License-Identifier: LGPL-2.1-or-later
/* A constant struct of private functions; one of them changes. */
#include "frame.h"

struct operations {
	long (*first)(long n);
	long (*second)(long n);
};

static long twice(long n)
{
	return n * 200;
}

static long square(long n)
{
	return n * n;
}

static const struct operations operations = { .first = twice, .second = square };
static const struct operations *volatile current = &operations;

void answer(const char *word, long n)
{
	say("%ld", is(word, "first") ? current->first(n) : current->second(n));
}
