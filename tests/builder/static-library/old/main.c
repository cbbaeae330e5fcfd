// SPDX-License-Identifier: LGPL-2.1-or-later
/* A static library that is linked into the program. */
#include "frame.h"

long step(long n);

void answer(const char *word, long n)
{
	say("%ld", step(n));
}
