// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The program has functions of the names of the library's. The library was linked so that it calls its
 * own all the same; one of them nothing called before the fix.
 */
#include "frame.h"

long step(long n);
long other(long n);
long change(long n);

long step(long n)
{
	return n + 7;
}

long other(long n)
{
	return n + 30;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
