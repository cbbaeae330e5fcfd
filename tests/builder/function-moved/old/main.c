// SPDX-License-Identifier: LGPL-2.1-or-later
/* A private function moves to another file. */
#include "frame.h"
#include "step.h"

static NOINLINE long step(long n)
{
	return n * 2;
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "other") ? other(n) : step(n));
}
