// SPDX-License-Identifier: LGPL-2.1-or-later
/* The changed function of a library reads data that the program has a copy of. */
#include "frame.h"

extern long exported;
long change(long n);

void answer(const char *word, long n)
{
	exported++;
	say("%ld", change(n));
}
