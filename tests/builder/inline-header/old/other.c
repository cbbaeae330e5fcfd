// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "clamp.h"

long other(long n);

long other(long n)
{
	return clamp(n) * 2;
}
