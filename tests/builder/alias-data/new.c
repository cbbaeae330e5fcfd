// SPDX-License-Identifier: LGPL-2.1-or-later
/* The changed function uses a variable by its other name. */
#include "frame.h"

extern long total;
extern long sum __attribute__((alias("total")));

long total = 5;

NOINLINE long change(long n)
{
	sum += n;
	return sum + 1000;
}

void answer(const char *word, long n)
{
	long result = change(n);

	say("%ld %ld", result, total);
}
