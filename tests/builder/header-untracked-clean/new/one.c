// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "limit.h"

NOINLINE long one(long n)
{
	return limit(n) + 1000;
}
