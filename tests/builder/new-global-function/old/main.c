// SPDX-License-Identifier: LGPL-2.1-or-later
/* A new function in one file, which another file calls. */
#include "frame.h"
#include "other.h"

void answer(const char *word, long n)
{
	if (is(word, "other"))
		say("%ld", other(n));
	else
		say("%ld", n);
}
