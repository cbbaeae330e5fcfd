// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long util(long n);
long extra(long n);

NOINLINE long call(long n)
{
	return util(n);
}

void answer(const char *word, long n)
{
	(void)word;
	say("%ld", call(n));
}
