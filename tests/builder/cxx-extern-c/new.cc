// SPDX-License-Identifier: LGPL-2.1-or-later
/* C++: functions with C names. */
#include "frame.h"

static NOINLINE long scale(long n)
{
	return n * 20;
}

extern "C" NOINLINE long change(long n)
{
	return scale(n) + 2;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
