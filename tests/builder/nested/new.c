// SPDX-License-Identifier: LGPL-2.1-or-later
/* A function within a function, which uses the variables of the outer one. */
#include "frame.h"

static NOINLINE long outer(long n)
{
	long sum = n;
	NOINLINE void add(long more)
	{
		sum += more * 100;
	}

	add(1);
	add(2);
	return sum;
}

void answer(const char *word, long n)
{
	say("%ld", outer(n));
}
