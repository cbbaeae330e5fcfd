// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "limit.h"

long other(long n);

NOINLINE static long unchanged(long n)
{
	return n * 2;
}

long other(long n)
{
	return unchanged(n) > LIMIT ? LIMIT : unchanged(n);
}
