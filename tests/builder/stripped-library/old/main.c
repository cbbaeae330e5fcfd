// SPDX-License-Identifier: LGPL-2.1-or-later
/* A stripped library: what it exports still has a name. */
#include "frame.h"

long count(long n);

void answer(const char *word, long n)
{
	say("%ld", count(n));
}
