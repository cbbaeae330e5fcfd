// SPDX-License-Identifier: LGPL-2.1-or-later
/* A file in assembler changes. */
#include "frame.h"

long twice(long n);

void answer(const char *word, long n)
{
	say("%ld", twice(n));
}
