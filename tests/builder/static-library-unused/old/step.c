// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long step(long n);

long step(long n)
{
	return n + 1;
}
