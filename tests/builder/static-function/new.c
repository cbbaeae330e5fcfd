// SPDX-License-Identifier: LGPL-2.1-or-later
/* A private function that is not inlined. */
#include "frame.h"

static NOINLINE long clamp(long n)
{
	return n < 20 ? n : 20;
}

void answer(const char *word, long n)
{
	say("%ld", clamp(n));
}
