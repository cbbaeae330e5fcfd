// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../frame.h"

long one(long n);

NOINLINE long one(long n)
{
	return n + 1;
}
