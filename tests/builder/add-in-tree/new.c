// SPDX-License-Identifier: LGPL-2.1-or-later
/* The patch is described in a source of the tree, where nobody looks for it. */
#include "frame.h"
#if __has_include(<suture/livepatch.h>)
#include <suture/livepatch.h>

KLP_PATCH(.name = "here");
#endif

NOINLINE long twice(long n)
{
	return n * 2 + 1;
}

void answer(const char *word, long n)
{
	say("%ld", twice(n));
}
