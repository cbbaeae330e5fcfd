// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tail calls: into a changed function, out of it, and through a pointer. */
#include "frame.h"

NOINLINE long end(long n)
{
	return n + 1;
}

extern long (*volatile through)(long n);

long (*volatile through)(long n) = end;

NOINLINE long middle(long n)
{
	return end(n * 2);
}

NOINLINE long begin(long n)
{
	return middle(n + 1);
}

void answer(const char *word, long n)
{
	say("%ld", begin(n));
}
