// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "two.h"

void answer(const char *word, long n)
{
	(void)word;
	say("%ld", two(n));
}
