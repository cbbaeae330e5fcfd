// SPDX-License-Identifier: LGPL-2.1-or-later
/* The diff changes the program and another one of the tree, which is not asked for. */
#include "frame.h"

NOINLINE long change(long n)
{
	return n + 100;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
