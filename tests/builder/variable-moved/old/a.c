// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long a(long n);
extern long level;

long level = 1;

NOINLINE long a(long n)
{
	return n * 2 + level;
}
