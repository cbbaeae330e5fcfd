// SPDX-License-Identifier: LGPL-2.1-or-later
/* A weak variable with an overriding one, a weak one without, and a weak function that is not there. */
#include "frame.h"

long first __attribute__((weak)) = 1;
long second __attribute__((weak)) = 2;
extern long third __attribute__((weak));
long missing(void) __attribute__((weak));

void answer(const char *word, long n)
{
	first++;
	second++;
	say("%ld %ld %s %s", first + 1000, second + 1000, missing ? "there" : "missing",
	    &third ? "there" : "missing");
}
