/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same with a struct of which the program has only pointers. */
struct item {
	long weight;
	long price;
	long limit;
};

struct item *item_make(long n);
long item_cost(struct item *one);
