// SPDX-License-Identifier: LGPL-2.1-or-later
/* A global function moves to another file and changes; a third one, which stays, calls it. */
#include "frame.h"

long moved(long n);
long a(long n);
long b(long n);

void answer(const char *word, long n)
{
	say("%ld", is(word, "a") ? a(n) : is(word, "b") ? b(n) : moved(n));
}
