// SPDX-License-Identifier: LGPL-2.1-or-later
/* __LINE__ in the changed function, above what changes. */
#include "frame.h"

NOINLINE long where(long n)
{
	long line = __LINE__;

	return line + n;
}

void answer(const char *word, long n)
{
	say("%ld", where(n));
}
