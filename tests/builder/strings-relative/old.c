// SPDX-License-Identifier: LGPL-2.1-or-later
/* A string that a switch returns changes. clang has a table of distances to them: symbol, and place in it. */
#include "frame.h"

static NOINLINE const char *name(long n)
{
	switch (n) {
	case 0:
		return "alpha";
	case 1:
		return "bravo";
	case 2:
		return "charlie";
	case 3:
		return "delta";
	case 4:
		return "echoes";
	}
	return "many of these and more of them, too";
}

NOINLINE long other(long n)
{
	return n * 2;
}

void answer(const char *word, long n)
{
	if (is(word, "call"))
		say("%s", name(n));
	else
		say("%ld", other(n));
}
