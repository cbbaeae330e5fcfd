// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

static volatile long count = 100;

NOINLINE long two(long n)
{
	count += n;
	return count;
}
