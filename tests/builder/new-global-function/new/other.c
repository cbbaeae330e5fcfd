// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "other.h"

long other(long n)
{
	return n * 3;
}

long square(long n)
{
	return n * n + other(0);
}
