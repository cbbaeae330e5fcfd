/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The new member of a struct lies beside it, in a shadow variable that is added by hand. */
struct item {
	long weight;
	long price;
};

struct item *item_make(long n);
long item_cost(struct item *one);
void item_drop(struct item *one);
