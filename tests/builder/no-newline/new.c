// SPDX-License-Identifier: LGPL-2.1-or-later
/* The changed file ends without a newline, and a name in it is no ASCII. */
#include "frame.h"

static NOINLINE const char *name(void)
{
	return "große Größe";
}

void answer(const char *word, long n)
{
	say("%s", name());
}
