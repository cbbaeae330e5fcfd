// SPDX-License-Identifier: LGPL-2.1-or-later
/* __DATE__ and __TIME__ in the changed function. */
#include "frame.h"

static NOINLINE const char *built(long n)
{
	return n ? __DATE__ " " __TIME__ : __TIME__;
}

void answer(const char *word, long n)
{
	say("%zu", strlen(built(n)));
}
