// SPDX-License-Identifier: LGPL-2.1-or-later
/* A global variable moves to another file; a third one, which stays, uses it. */
#include "frame.h"

extern long level;
long a(long n);
long b(long n);

void answer(const char *word, long n)
{
	if (is(word, "set"))
		level = n;
	say("%ld", is(word, "a") ? a(n) : b(n));
}
