// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The fix calls a private function that the linker has discarded. Another file has one of its name and bytes,
 * which uses another variable.
 */
#include "frame.h"

long one(long n);
long two(long n);

void answer(const char *word, long n)
{
	say("%ld", is(word, "one") ? one(n) : two(n));
}
