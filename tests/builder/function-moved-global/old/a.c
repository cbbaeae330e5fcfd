// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long moved(long n);
long a(long n);

NOINLINE long moved(long n)
{
	return n + 1;
}

NOINLINE long a(long n)
{
	return n * 2;
}
