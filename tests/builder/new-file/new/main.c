// SPDX-License-Identifier: LGPL-2.1-or-later
/* The diff adds a file. */
#include "frame.h"
#include "square.h"

void answer(const char *word, long n)
{
	say("%ld", square(n) + 1);
}
