// SPDX-License-Identifier: LGPL-2.1-or-later
/* Common variables, of one name in two files. */
#include "frame.h"

long shared;
long other(void);

void answer(const char *word, long n)
{
	if (is(word, "other"))
		say("%ld", other());
	else
		say("%ld", ++shared + 1000);
}
