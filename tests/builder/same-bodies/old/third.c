// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "count.h"

long third(long n);

long third(long n)
{
	return count(n * 100);
}
