// SPDX-License-Identifier: LGPL-2.1-or-later
/* A hidden function of a program changes, and the one that calls it. */
#include "frame.h"

__attribute__((visibility("hidden"))) long helper(long n);

void answer(const char *word, long n)
{
	say("%ld", helper(n));
}
