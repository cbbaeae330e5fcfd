// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long call(long n);

void answer(const char *word, long n)
{
	(void)word;
	say("%ld", call(n));
}
