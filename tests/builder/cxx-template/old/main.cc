// SPDX-License-Identifier: LGPL-2.1-or-later
/* C++: templates, in sections that several files share. */
#include "frame.h"
#include "largest.h"

long other(long n);

void answer(const char *word, long n)
{
	if (is(word, "other"))
		say("%ld", other(n));
	else
		say("%ld %g", largest(n, 3L), largest((double)n, 3.5));
}
