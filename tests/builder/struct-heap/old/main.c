// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "item.h"

static struct item *kept;

void answer(const char *word, long n)
{
	if (!kept)
		kept = item_make(n);
	say("%ld", item_cost(kept));
}
