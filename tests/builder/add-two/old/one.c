// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

static volatile long count = 1;

NOINLINE long one(long n)
{
	count += n;
	return count;
}
