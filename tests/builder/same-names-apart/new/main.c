// SPDX-License-Identifier: LGPL-2.1-or-later
/* Another program of the tree has a function of the same name, which the diff changes too. */
#include "frame.h"

NOINLINE long change(long n)
{
	return n + 100;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
