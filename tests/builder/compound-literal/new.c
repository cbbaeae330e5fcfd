// SPDX-License-Identifier: LGPL-2.1-or-later
/* A literal without a name in front of two others: clang numbers them in their order. */
#include "frame.h"

struct counter {
	long n;
};

static struct counter *const zeroth = &(struct counter){ 0 };
static struct counter *const first = &(struct counter){ 0 };
static struct counter *const second = &(struct counter){ 0 };

NOINLINE long call(long n)
{
	return n * 3 + 0 * zeroth->n++;
}

static NOINLINE long one(void)
{
	return ++first->n;
}

static NOINLINE long two(void)
{
	return second->n += 100;
}

void answer(const char *word, long n)
{
	if (is(word, "one"))
		say("%ld", one());
	else if (is(word, "two"))
		say("%ld", two());
	else
		say("%ld", call(n));
}
