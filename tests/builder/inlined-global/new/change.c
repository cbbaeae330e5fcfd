// SPDX-License-Identifier: LGPL-2.1-or-later
/* A public function that is inlined in its own file and called from another. */
#include "frame.h"
#include "change.h"

long change(long n)
{
	return n + 100;
}

long caller(long n)
{
	return change(n) * 2;
}
