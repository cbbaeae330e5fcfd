// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

extern const int weight[];

void answer(const char *word, long n)
{
	say("%d", weight[n]);
}
