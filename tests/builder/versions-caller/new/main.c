// SPDX-License-Identifier: LGPL-2.1-or-later
/* The changed function calls the older of two versions of a library's function; before, the newer. */
#include "frame.h"

long compute(long n);
long compute_old(long n);

__asm__(".symver compute_old,compute@V1");

long other(long n)
{
	return compute_old(n) * 10;
}

void answer(const char *word, long n)
{
	if (is(word, "other"))
		say("%ld", other(n));
	else
		say("%ld", compute_old(n) + compute(n) * 1000);
}
