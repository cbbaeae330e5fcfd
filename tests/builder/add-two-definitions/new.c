// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is added has names that are taken: by the program, by a library, by the diff, by each other. */
#include "frame.h"

long thrice(long n);

NOINLINE long thrice(long n)
{
	return n * 3;
}

NOINLINE long twice(long n)
{
	return thrice(n) - n + 1;
}

void answer(const char *word, long n)
{
	say("%ld", twice(n));
}
