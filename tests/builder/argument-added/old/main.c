// SPDX-License-Identifier: LGPL-2.1-or-later
/* A private function and a public one get another argument, and their callers pass it. */
#include "frame.h"
#include "scale.h"

static NOINLINE long add(long n)
{
	return n + 1;
}

void answer(const char *word, long n)
{
	say("%ld", scale(add(n)));
}
