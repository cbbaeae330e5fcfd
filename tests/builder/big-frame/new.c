// SPDX-License-Identifier: LGPL-2.1-or-later
/* A stack frame of many pages, which is probed page by page. */
#include "frame.h"

static NOINLINE void fill(unsigned char *at, long size, long n)
{
	for (long i = 0; i < size; i++)
		at[i] = (unsigned char)(i * n);
}

static NOINLINE long change(long n)
{
	unsigned char all[200000];
	long sum = 0;

	fill(all, sizeof(all), n);
	for (long i = 0; i < (long)sizeof(all); i += 1000)
		sum += all[i] + 1;
	return sum;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
