// SPDX-License-Identifier: LGPL-2.1-or-later
#include "library.h"

static volatile long tare = 1;

long weigh(long n)
{
	return n + tare;
}
