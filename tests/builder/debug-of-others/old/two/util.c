// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../frame.h"

long two(long n);

NOINLINE long two(long n)
{
	return n + 2;
}
