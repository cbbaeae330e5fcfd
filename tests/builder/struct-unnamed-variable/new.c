// SPDX-License-Identifier: LGPL-2.1-or-later
/* The members of a variable whose structure has no name change places. */
#include "frame.h"

static struct {
	long misses;
	long hits;
} state;
static NOINLINE long hit(void)
{
	return ++state.hits;
}
static NOINLINE long miss(void)
{
	return state.misses += 100;
}
static NOINLINE long call(long n)
{
	return n * 3;
}
void answer(const char *word, long n)
{
	if (is(word, "hit"))
		say("%ld", hit());
	else if (is(word, "miss"))
		say("%ld", miss());
	else
		say("%ld", call(n));
}
