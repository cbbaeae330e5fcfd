// SPDX-License-Identifier: LGPL-2.1-or-later
/* A stripped program without a debug file. */
#include "frame.h"

static long calls;

static NOINLINE long count(long n)
{
	calls++;
	return calls + n;
}

void answer(const char *word, long n)
{
	say("%ld", count(n));
}
