// SPDX-License-Identifier: LGPL-2.1-or-later
/* The changed function uses data of libc that nothing in the program used before. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "frame.h"

static NOINLINE void change(long n)
{
	say("%ld", n);
}

void answer(const char *word, long n)
{
	change(n);
}
