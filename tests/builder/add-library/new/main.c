// SPDX-License-Identifier: LGPL-2.1-or-later
/* A program and its library use what is added, and that uses both. */
#include "frame.h"
#include "library.h"

static volatile long percent = 10;

#pragma weak discounts
extern long discounts;

NOINLINE long price(long n)
{
	discounts++;
	return weigh(n) * percent + discounts * 1000;
}

void answer(const char *word, long n)
{
	say("%ld", price(n));
}
