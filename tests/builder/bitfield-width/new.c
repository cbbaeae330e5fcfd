// SPDX-License-Identifier: LGPL-2.1-or-later
/* A member of a few bits gets more of them. */
#include "frame.h"

struct flags {
	unsigned int low : 4, high : 11;
};

static struct flags flags;

static NOINLINE unsigned int change(long n)
{
	flags.low += (unsigned int)n;
	flags.high++;
	return flags.low + flags.high;
}

void answer(const char *word, long n)
{
	say("%u", change(n));
}
