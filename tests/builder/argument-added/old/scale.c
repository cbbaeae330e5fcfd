// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "scale.h"

long scale(long n)
{
	return n * 2;
}
