// SPDX-License-Identifier: LGPL-2.1-or-later
/* The fix uses a private variable that the linker has discarded; another file has one of its name. */
#include "frame.h"

long one(long n);
long two(long n);

void answer(const char *word, long n)
{
	say("%ld", is(word, "one") ? one(n) : two(n));
}
