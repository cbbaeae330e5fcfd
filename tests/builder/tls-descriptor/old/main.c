// SPDX-License-Identifier: LGPL-2.1-or-later
/* A variable of a thread in a shared library, found by TLS descriptors. */
#include "frame.h"

long count(long n);

void answer(const char *word, long n)
{
	say("%ld", count(n));
}
