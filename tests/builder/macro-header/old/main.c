// SPDX-License-Identifier: LGPL-2.1-or-later
/* A macro in a header changes; users in two files. */
#include "frame.h"
#include "limit.h"

long other(long n);

void answer(const char *word, long n)
{
	if (is(word, "other"))
		say("%ld", other(n));
	else
		say("%ld", n < LIMIT ? n : LIMIT);
}
