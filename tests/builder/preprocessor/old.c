// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the diff changes decides what is compiled: a function appears, another goes. */
#include "frame.h"

#define EXACT 0

#if EXACT
static NOINLINE long exact(long n)
{
	return n * 1000 / 3;
}
#else
static NOINLINE long rough(long n)
{
	return n * 333;
}
#endif

void answer(const char *word, long n)
{
#if EXACT
	say("%ld", exact(n));
#else
	say("%ld", rough(n));
#endif
}
