// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"
#include "item.h"

static struct item *kept, *made;
static volatile long forgotten;

void answer(const char *word, long n)
{
	if (!kept)
		kept = item_make(3);
	if (is(word, "kept")) {
		say("%ld", item_cost(kept));
	} else if (is(word, "made")) {
		made = item_make(n);
		say("%ld", item_cost(made));
	} else if (is(word, "drop")) {
		item_drop(made);
		say("%ld", forgotten);
	} else if (is(word, "again")) {
		made = item_make(n);
		say("%ld", item_cost(made));
	} else {
		say("%ld", forgotten);
	}
}
