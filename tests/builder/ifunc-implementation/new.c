// SPDX-License-Identifier: LGPL-2.1-or-later
/* The function that an IFUNC has chosen changes. */
#include "frame.h"

static long fast(long n)
{
	return n + 100;
}

static long slow(long n)
{
	return n + 2;
}

static __attribute__((used)) long (*choose(void))(long n)
{
	return sizeof(long) == 8 ? fast : slow;
}

long pick(long n) __attribute__((ifunc("choose")));

void answer(const char *word, long n)
{
	say("%ld", pick(n));
}
