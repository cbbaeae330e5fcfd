// SPDX-License-Identifier: LGPL-2.1-or-later
/* The fix adds a constructor: the program has started already. */
#include "frame.h"

static long limit = 5;

static __attribute__((constructor)) void start(void)
{
	limit = 7;
}

void answer(const char *word, long n)
{
	say("%ld", ++limit + 100);
}
