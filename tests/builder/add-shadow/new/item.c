// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>

#include "item.h"

/* weak: the program links without them */
#pragma weak item_set_limit
#pragma weak item_limit
#pragma weak item_forget
void item_set_limit(struct item *one, long limit);
long item_limit(struct item *one);
void item_forget(struct item *one);

struct item *item_make(long n)
{
	struct item *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	new->weight = n;
	new->price = n * 2;
	item_set_limit(new, 1000);
	return new;
}

long item_cost(struct item *one)
{
	return one->weight * one->price + item_limit(one);
}

void item_drop(struct item *one)
{
	item_forget(one);
	free(one);
}
