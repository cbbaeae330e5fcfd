// SPDX-License-Identifier: LGPL-2.1-or-later
/* Cold and hot functions, in sections of their own. */
#include "frame.h"

__attribute__((cold, noinline)) long rare(long n)
{
	return n + 100;
}

__attribute__((hot, noinline)) long often(long n)
{
	return n + 200;
}

void answer(const char *word, long n)
{
	say("%ld", is(word, "rare") ? rare(n) : often(n));
}
