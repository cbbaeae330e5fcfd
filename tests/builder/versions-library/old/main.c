// SPDX-License-Identifier: LGPL-2.1-or-later
/* A library with two versions of a function; the older one changes. */
#include "frame.h"

long compute(long n);
long compute_old(long n);

__asm__(".symver compute_old,compute@V1");

void answer(const char *word, long n)
{
	say("%ld", is(word, "old") ? compute_old(n) : compute(n));
}
