// SPDX-License-Identifier: LGPL-2.1-or-later
/* Functions and data that are hundreds of megabytes apart. */
#include "frame.h"

#define FAR __attribute__((section(".far")))

static long calls;
static char space[512 << 20];
long behind;

FAR NOINLINE long away(long n)
{
	calls++;
	return n + calls;
}

FAR NOINLINE long near_to_it(long n)
{
	return n * 2;
}

static NOINLINE long change(long n)
{
	space[sizeof(space) - 1]++;
	behind++;
	return near_to_it(n) + behind + space[sizeof(space) - 1];
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "away") ? away(n) : change(n));
}
