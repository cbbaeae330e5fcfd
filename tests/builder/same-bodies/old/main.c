// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A private function of a header that is not inlined: three copies, the same to the byte, each
 * with a variable of its own.
 */
#include "frame.h"
#include "count.h"

long second(long n);
long third(long n);

void answer(const char *word, long n)
{
	if (is(word, "first"))
		say("%ld", count(n));
	else
		say("%ld", is(word, "second") ? second(n) : third(n));
}
