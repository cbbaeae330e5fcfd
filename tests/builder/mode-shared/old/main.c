// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A shared library: data and functions of its own, hidden and visible ones, of libc, of the
 * program.
 */
#include "frame.h"

extern long exported;
long change(long n);
long of_program(long n);

long of_program(long n)
{
	return n * 10;
}

void answer(const char *word, long n)
{
	long result = change(n);

	say("%ld %ld", result, exported);
}
