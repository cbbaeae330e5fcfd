// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The diff defines a function in a file that is part of the program and of its library: which is meant by
 * what is added cannot be told.
 */
#include "frame.h"

long library_step(long n);
long step(long n);

void answer(const char *word, long n)
{
	say("%ld", is(word, "library") ? library_step(n) : step(n));
}
