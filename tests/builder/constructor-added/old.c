// SPDX-License-Identifier: LGPL-2.1-or-later
/* The fix adds a constructor: the program has started already. */
#include "frame.h"

static long limit = 5;

void answer(const char *word, long n)
{
	say("%ld", ++limit);
}
