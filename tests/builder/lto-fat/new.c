// SPDX-License-Identifier: LGPL-2.1-or-later
/* Link-time optimisation with objects that hold code too, which is not the program's. */
#include "frame.h"

NOINLINE long change(long n)
{
	return n + 100;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
