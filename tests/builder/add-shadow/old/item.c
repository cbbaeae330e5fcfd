// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>

#include "item.h"

struct item *item_make(long n)
{
	struct item *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	new->weight = n;
	new->price = n * 2;
	return new;
}

long item_cost(struct item *one)
{
	return one->weight * one->price;
}

void item_drop(struct item *one)
{
	free(one);
}
