// SPDX-License-Identifier: LGPL-2.1-or-later
/* The changed function calls functions of libc that nothing in the program called before. */
#include <stdlib.h>
#include <unistd.h>

#include "frame.h"

static NOINLINE void change(const char *word, long n)
{
	say("%s %ld", word, n);
}

void answer(const char *word, long n)
{
	change(word, n);
}
