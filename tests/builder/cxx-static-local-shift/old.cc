// SPDX-License-Identifier: LGPL-2.1-or-later
/* C++: a static local of the same name in front of two others of the function. */
#include "frame.h"

static NOINLINE long call(long n)
{
	if (n > 0) {
		static long calls;
		return ++calls;
	}
	static long calls;

	return calls += 100;
}

void answer(const char *word, long n)
{
	say("%ld", call(n));
}
