// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The program overrides a function of the library; the library's own changes, and its caller
 * there.
 */
#include "frame.h"

long step(long n);
long change(long n);

long step(long n)
{
	return n + 7;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
