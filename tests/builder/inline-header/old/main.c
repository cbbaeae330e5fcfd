// SPDX-License-Identifier: LGPL-2.1-or-later
/* An inline function in a header changes; users in two files. */
#include "frame.h"
#include "clamp.h"

long other(long n);

void answer(const char *word, long n)
{
	if (is(word, "other"))
		say("%ld", other(n));
	else if (is(word, "same"))
		say("%ld", n);
	else
		say("%ld", clamp(n));
}
