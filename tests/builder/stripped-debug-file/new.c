// SPDX-License-Identifier: LGPL-2.1-or-later
/* A stripped program, with its symbols in a separate file. */
#include "frame.h"

static long calls;

static NOINLINE long count(long n)
{
	calls++;
	return calls + n * 100;
}

void answer(const char *word, long n)
{
	say("%ld", count(n));
}
