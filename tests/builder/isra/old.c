// SPDX-License-Identifier: LGPL-2.1-or-later
/* The compiler passes a member instead of the pointer: FUNCTION.isra.0. */
#include "frame.h"

struct item {
	long weight, price;
};

static NOINLINE long cost(const struct item *item)
{
	return item->price * 2;
}

NOINLINE long first(struct item *item)
{
	return cost(item) + 1;
}

NOINLINE long second(struct item *item)
{
	return cost(item) + 2;
}

void answer(const char *word, long n)
{
	struct item item = { n, n * 2 };

	say("%ld", is(word, "first") ? first(&item) : second(&item));
}
