// SPDX-License-Identifier: LGPL-2.1-or-later
/* Calls a function of libc; another source has a private one of that name, which is not meant. */
#include <sys/types.h>
#include <unistd.h>

#include "frame.h"

long other(long n);

NOINLINE long call(long n)
{
	return n * 3 + (getppid() > 0);
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "call") ? call(n) : other(n));
}
