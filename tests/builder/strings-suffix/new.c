// SPDX-License-Identifier: LGPL-2.1-or-later
/* The linker keeps one string as the end of another. */
#include "frame.h"

NOINLINE const char *whole(long n)
{
	return n ? "this is a suffix" : "whole";
}

NOINLINE const char *end(long n)
{
	return n > 1 ? "suffix" : "is a suffix";
}

void answer(const char *word, long n)
{
	say("%s", is(word, "whole") ? whole(n) : end(n));
}
