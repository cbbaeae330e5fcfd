// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The changed function reads a private constant table that stays as it is, beside one it does
 * not read.
 */
#include "frame.h"

static const int weight[] = { 3, 1, 4, 1, 5, 9 };
static const int price[] = { 30, 10, 40, 10, 50, 90 };

NOINLINE int first(long n)
{
	return weight[n];
}

NOINLINE const int *second(void)
{
	return weight;
}

NOINLINE const int *third(void)
{
	return price;
}

void answer(const char *word, long n)
{
	if (is(word, "first"))
		say("%d", first(n));
	else
		say("%d", second()[n] - third()[n]);
}
