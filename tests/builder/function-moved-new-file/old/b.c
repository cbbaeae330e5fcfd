// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long b(long n);

NOINLINE long b(long n)
{
	return n * 4;
}
