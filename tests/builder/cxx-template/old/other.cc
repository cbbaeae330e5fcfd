// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "largest.h"

long other(long n);

long other(long n)
{
	return largest(n, 100L) * 2;
}
