// SPDX-License-Identifier: LGPL-2.1-or-later
/* Only a constant of floating point changes; it is not in the code. */
#include "frame.h"

static NOINLINE double first(double n)
{
	return n * 1.75;
}

static NOINLINE double second(double n)
{
	return n * 1.75 + 1;
}

void answer(const char *word, long n)
{
	say("%g", is(word, "first") ? first(n) : second(n));
}
