// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two private variables of a thread in a shared library: one call finds both. */
#include "frame.h"

long count(long n);

void answer(const char *word, long n)
{
	say("%ld", count(n));
}
