// SPDX-License-Identifier: LGPL-2.1-or-later
/* A struct that only lives within a call gets another member. */
#include "frame.h"

struct range {
	long from, to;
};

static NOINLINE long span(const struct range *range)
{
	return range->to - range->from;
}

void answer(const char *word, long n)
{
	struct range range = { n, n * 3 };

	say("%ld", span(&range));
}
