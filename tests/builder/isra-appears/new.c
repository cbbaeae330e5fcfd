// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * With the fix, the compiler can do what it could not do before: FUNCTION becomes
 * FUNCTION.isra.0.
 */
#include "frame.h"

struct item {
	long weight, price;
};

static NOINLINE long cost(struct item *item)
{
	return item->price * 2;
}

NOINLINE long first(struct item *item)
{
	return cost(item) + item->weight;
}

void answer(const char *word, long n)
{
	struct item item = { n, n * 2 };

	say("%ld", first(&item));
}
