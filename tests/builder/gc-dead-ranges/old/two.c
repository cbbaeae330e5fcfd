// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long two(long n);
long two_unused(long n);

NOINLINE long two(long n)
{
	return n + 2;
}

NOINLINE long two_unused(long n)
{
	return n + 3;
}
