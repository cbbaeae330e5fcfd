// SPDX-License-Identifier: LGPL-2.1-or-later
/* A program and its library use what is added, and that uses both. */
#include "frame.h"
#include "library.h"

static volatile long percent = 10;

NOINLINE long price(long n)
{
	return weigh(n) * percent;
}

void answer(const char *word, long n)
{
	say("%ld", price(n));
}
