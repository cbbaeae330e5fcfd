// SPDX-License-Identifier: LGPL-2.1-or-later
/* A function goes away; another one does its work. */
#include "frame.h"

static NOINLINE long keep(long n)
{
	return n * 2;
}

void answer(const char *word, long n)
{
	say("%ld", keep(keep(n)));
}
