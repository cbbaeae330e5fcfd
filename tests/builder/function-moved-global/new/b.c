// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long moved(long n);
long b(long n);

NOINLINE long b(long n)
{
	return n * 4;
}

NOINLINE long moved(long n)
{
	return n + 1000;
}
