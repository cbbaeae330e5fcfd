// SPDX-License-Identifier: LGPL-2.1-or-later
/* Code that the linker has discarded is known to the debug information as if it began at 0. */
#include "frame.h"

long one(long n);
long two(long n);

void answer(const char *word, long n)
{
	say("%ld", is(word, "one") ? one(n) : two(n));
}
