// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The program overrides functions of the library; callers in the very file that defines them go by their
 * names too, and so does one that nothing called before the fix.
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
