// SPDX-License-Identifier: LGPL-2.1-or-later
/* The file that is compiled is made from the one that the diff changes. */
#include "frame.h"
#include "limits_made.h"

void answer(const char *word, long n)
{
	say("%d", n < LIMIT ? (int)n : LIMIT);
}
