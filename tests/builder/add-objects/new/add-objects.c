// SPDX-License-Identifier: LGPL-2.1-or-later
/* Callbacks of the program, and of a library of which no function changes. */
#include "frame.h"
#include "library.h"

static volatile long notes;

NOINLINE long twice(long n)
{
	return library_sum(n) * 2 + 1;
}

void answer(const char *word, long n)
{
	if (is(word, "notes"))
		say("%ld %ld", notes, library_notes());
	else
		say("%ld", twice(n));
}
