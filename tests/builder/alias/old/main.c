// SPDX-License-Identifier: LGPL-2.1-or-later
/* A function with another name, strong and weak; it changes. */
#include "frame.h"

long other_name(long n);
long weak_name(long n);
long real(long n);

void answer(const char *word, long n)
{
	if (is(word, "real"))
		say("%ld", real(n));
	else
		say("%ld", is(word, "other") ? other_name(n) : weak_name(n));
}
