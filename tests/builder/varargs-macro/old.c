// SPDX-License-Identifier: LGPL-2.1-or-later
/* A macro with a variable number of arguments changes. */
#include "frame.h"

#define LOG(format, ...) say("log " format, ##__VA_ARGS__)

static NOINLINE void first(long n)
{
	LOG("first %ld", n);
}

static NOINLINE void second(void)
{
	LOG("second");
}

void answer(const char *word, long n)
{
	if (is(word, "first"))
		first(n);
	else
		second();
}
