// SPDX-License-Identifier: LGPL-2.1-or-later
/* C++: a static local that is initialised at the first call, and its guard. */
#include "frame.h"

static long made;

struct item {
	long value;
	explicit item(long n) : value(n)
	{
		made++;
	}
};

static NOINLINE long change(long n)
{
	static item first(n);

	first.value++;
	return first.value * 1000 + made;
}

void answer(const char *word, long n)
{
	say("%ld", change(n));
}
