// SPDX-License-Identifier: LGPL-2.1-or-later
/* A constructor and a destructor that do not change. */
#include "frame.h"

static long limit;

static __attribute__((constructor)) void start(void)
{
	limit = 5;
}

static __attribute__((destructor)) void finish(void)
{
	limit = 0;
}

void answer(const char *word, long n)
{
	say("%ld", limit);
}
