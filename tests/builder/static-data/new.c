// SPDX-License-Identifier: LGPL-2.1-or-later
/* A private variable goes on counting. */
#include "frame.h"

static long calls;

static NOINLINE long count(void)
{
	calls++;
	return calls + 1000;
}

void answer(const char *word, long n)
{
	say("%ld", count());
}
