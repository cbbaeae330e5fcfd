// SPDX-License-Identifier: LGPL-2.1-or-later
/* The patch is described in a source of the tree, where nobody looks for it. */
#include "frame.h"

NOINLINE long twice(long n)
{
	return n * 2;
}

void answer(const char *word, long n)
{
	say("%ld", twice(n));
}
