// SPDX-License-Identifier: LGPL-2.1-or-later
/* Members of a few bits in the changed function. */
#include "frame.h"

struct flags {
	unsigned int low : 3, middle : 7, high : 11;
	signed int sign : 2;
};

static struct flags flags;

static NOINLINE void change(long n)
{
	flags.low = (unsigned int)n;
	flags.high++;
	flags.middle += 2;
	say("%u %u %u", flags.low, flags.middle, flags.high);
}

void answer(const char *word, long n)
{
	change(n);
}
