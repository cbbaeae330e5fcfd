// SPDX-License-Identifier: LGPL-2.1-or-later
/* The jump table stays as it is; the change is beside it. */
#include "frame.h"

NOINLINE long step(long n)
{
	return n + 1;
}

NOINLINE long change(long n, long more)
{
	long result = more;

	switch (n) {
	case 0:
		result += step(n) * 3;
		break;
	case 1:
		result += step(n) - 8;
		break;
	case 2:
		result += step(n) / 2;
		break;
	case 3:
		result += step(n) ^ 5;
		break;
	case 4:
		result += step(n) | 6;
		break;
	case 5:
		result += step(n) & 7;
		break;
	case 6:
		result += step(n) << 2;
		break;
	}
	return result;
}

void answer(const char *word, long n)
{
	say("%ld", change(n, 100));
}
