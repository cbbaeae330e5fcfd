// SPDX-License-Identifier: LGPL-2.1-or-later
/* String constants of the changed function. */
#include "frame.h"

static NOINLINE const char *name(long n)
{
	return n ? "certainly" : "by no means";
}

void answer(const char *word, long n)
{
	say("%s", name(n));
}
