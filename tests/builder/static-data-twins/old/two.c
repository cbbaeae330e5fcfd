// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long two(void);

static long calls = 200;

NOINLINE long two(void)
{
	return ++calls;
}
