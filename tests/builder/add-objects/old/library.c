// SPDX-License-Identifier: LGPL-2.1-or-later
#include "library.h"

static volatile long base = 10;
static volatile long notes;

long library_notes(void)
{
	return notes;
}

long library_sum(long n)
{
	return base + n;
}
