// SPDX-License-Identifier: LGPL-2.1-or-later
/* A function that libc calls back changes. */
#include <stdlib.h>

#include "frame.h"

static int compare(const void *first, const void *second)
{
	const int *a = first, *b = second;

	return *b - *a;
}

NOINLINE void sort(int *all, size_t count)
{
	qsort(all, count, sizeof(*all), compare);
}

void answer(const char *word, long n)
{
	int all[] = { 3, 1, (int)n, 4 };

	sort(all, 4);
	say("%d %d %d %d", all[0], all[1], all[2], all[3]);
}
