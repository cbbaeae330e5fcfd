// SPDX-License-Identifier: LGPL-2.1-or-later
/* A changed function calls an IFUNC of the program, and some of libc's. */
#include "frame.h"

static long fast(long n)
{
	return n + 1;
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

static NOINLINE void change(const char *word, long n)
{
	char copy[64];

	memcpy(copy, word, strlen(word) + 1);
	say("%s %ld %s", copy, pick(n) * 100, strchr(copy, 'l'));
}

void answer(const char *word, long n)
{
	change(word, n);
}
