// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long one(void);

static long calls = 100;

NOINLINE long one(void)
{
	return ++calls;
}
