// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "step.h"

long other(long n)
{
	return n * 3;
}
