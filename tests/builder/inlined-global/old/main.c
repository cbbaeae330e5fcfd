// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "change.h"

void answer(const char *word, long n)
{
	say("%ld", is(word, "caller") ? caller(n) : change(n));
}
