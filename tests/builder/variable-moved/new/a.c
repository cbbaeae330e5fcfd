// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long a(long n);
extern long level;

NOINLINE long a(long n)
{
	return n * 3 + level;
}
