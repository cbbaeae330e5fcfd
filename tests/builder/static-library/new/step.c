// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long step(long n);

static long calls;

long step(long n)
{
	calls++;
	return n + calls + 1000;
}
