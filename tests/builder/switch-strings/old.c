// SPDX-License-Identifier: LGPL-2.1-or-later
/* A switch that the compiler turns into a table of strings. */
#include "frame.h"

NOINLINE const char *name(long n)
{
	switch (n) {
	case 0:
		return "zero";
	case 1:
		return "one";
	case 2:
		return "two";
	case 3:
		return "three";
	case 4:
		return "four";
	case 5:
		return "five";
	}
	return "many";
}

void answer(const char *word, long n)
{
	say("%s", name(n));
}
