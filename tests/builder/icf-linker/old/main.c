// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

long first(long n);
long second(long n);

void answer(const char *word, long n)
{
	say("%ld", is(word, "first") ? first(n) : second(n));
}
