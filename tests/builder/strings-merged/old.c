// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two functions with the same string; one of them gets another. */
#include "frame.h"

NOINLINE const char *first(void)
{
	return "one for both";
}

NOINLINE const char *second(void)
{
	return "one for both";
}

void answer(const char *word, long n)
{
	say("%s", is(word, "first") ? first() : second());
}
