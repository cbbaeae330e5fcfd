// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

static NOINLINE long scale(long n)
{
	return n * 2;
}

long one(long n)
{
	return scale(n) + 1;
}
