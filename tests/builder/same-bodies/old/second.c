// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "count.h"

long second(long n);

long second(long n)
{
	return count(n * 10);
}
