// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "limit.h"

long two(long n);

NOINLINE long two(long n)
{
	return n > LIMIT ? LIMIT : n;
}
