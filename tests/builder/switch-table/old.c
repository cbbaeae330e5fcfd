// SPDX-License-Identifier: LGPL-2.1-or-later
/* A jump table in the changed function; one in an unchanged function beside it. */
#include "frame.h"

NOINLINE long step(long n)
{
	return n + 1;
}

NOINLINE long before(long n)
{
	switch (n) {
	case 0:
		return step(n) * 3;
	case 1:
		return step(n) - 8;
	case 2:
		return step(n) / 2;
	case 3:
		return step(n) ^ 5;
	case 4:
		return step(n) | 6;
	case 5:
		return step(n) & 7;
	case 6:
		return step(n) << 2;
	}
	return -1;
}

NOINLINE long change(long n)
{
	switch (n) {
	case 0:
		return step(n) * 3;
	case 1:
		return step(n) - 8;
	case 2:
		return step(n) / 2;
	case 3:
		return step(n) ^ 5;
	case 4:
		return step(n) | 6;
	case 5:
		return step(n) & 7;
	case 6:
		return step(n) << 2;
	}
	return -1;
}

NOINLINE long behind(long n)
{
	switch (n) {
	case 0:
		return step(n) << 3;
	case 1:
		return step(n) & 8;
	case 2:
		return step(n) * 2;
	case 3:
		return step(n) | 5;
	case 4:
		return step(n) - 6;
	case 5:
		return step(n) ^ 7;
	case 6:
		return step(n) / 2;
	}
	return -1;
}

void answer(const char *word, long n)
{
	if (is(word, "before"))
		say("%ld", before(n));
	else if (is(word, "change"))
		say("%ld", change(n));
	else
		say("%ld", behind(n));
}
