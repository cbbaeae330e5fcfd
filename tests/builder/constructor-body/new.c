// SPDX-License-Identifier: LGPL-2.1-or-later
/* The fix changes a constructor: it has run already. */
#include "frame.h"

static long limit;

static __attribute__((constructor)) void start(void)
{
	limit = 7;
}

void answer(const char *word, long n)
{
	say("%ld", limit);
}
