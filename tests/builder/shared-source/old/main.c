// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One file compiled into the program and into its library, with different options; both
 * change.
 */
#include "frame.h"

long library_step(long n);
long step(long n);

void answer(const char *word, long n)
{
	say("%ld", is(word, "library") ? library_step(n) : step(n));
}
