// SPDX-License-Identifier: LGPL-2.1-or-later
/* A private constant table changes, which only this file can use; the code does not. */
#include "frame.h"

static const int weight[] = {
	3, 1, 4, 1, 5, 9,
};

NOINLINE int first(long n)
{
	return weight[n];
}

NOINLINE int second(long n)
{
	return weight[n] * 2;
}

NOINLINE int third(long n)
{
	return (int)n * 3;
}

void answer(const char *word, long n)
{
	if (is(word, "first"))
		say("%d", first(n));
	else if (is(word, "second"))
		say("%d", second(n));
	else
		say("%d", third(n));
}
