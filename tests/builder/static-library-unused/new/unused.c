// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long unused(long n);

long unused(long n)
{
	return n + 1;
}
