// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long util(long n);

NOINLINE long util(long n)
{
	return n + 1;
}
