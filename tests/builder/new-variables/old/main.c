// SPDX-License-Identifier: LGPL-2.1-or-later
/* New variables: private and public, writable and constant, with and without a value. */
#include "frame.h"

static NOINLINE void change(long n)
{
	say("%ld", n);
}

void answer(const char *word, long n)
{
	change(n);
}
