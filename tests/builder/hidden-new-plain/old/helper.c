// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long helper(long n);

__attribute__((visibility("hidden"))) NOINLINE long helper(long n)
{
	static volatile long x = 1000;

	return x + (n & 0);
}
