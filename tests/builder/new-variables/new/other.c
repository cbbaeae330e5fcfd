// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "total.h"

void other(void);

void other(void)
{
	say("other");
}

void add(long n)
{
	total += n;
}
