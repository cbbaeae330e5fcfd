// SPDX-License-Identifier: LGPL-2.1-or-later
/* A member of the static library changes that the program does not need. */
#include "frame.h"

long step(long n);

void answer(const char *word, long n)
{
	say("%ld", step(n));
}
