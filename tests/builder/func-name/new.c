// SPDX-License-Identifier: LGPL-2.1-or-later
/* __func__ and __FILE__ in the changed function. */
#include "frame.h"

static NOINLINE void where(long n)
{
	say("%s %s %s %ld", __func__, __FILE__, __FUNCTION__, n);
}

void answer(const char *word, long n)
{
	where(n);
}
