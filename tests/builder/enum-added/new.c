// SPDX-License-Identifier: LGPL-2.1-or-later
/* Another enumerator behind the old ones. */
#include "frame.h"

enum kind { KIND_NONE, KIND_SMALL, KIND_LARGE, KIND_HUGE };

static enum kind kind;

static NOINLINE const char *name(void)
{
	switch (kind) {
	case KIND_NONE:
		return "none";
	case KIND_SMALL:
		return "small";
	case KIND_LARGE:
		return "large";
	case KIND_HUGE:
		return "huge";
	}
	return "unknown";
}

static NOINLINE void set(long n)
{
	kind = n > 1000 ? KIND_HUGE : n > 100 ? KIND_LARGE : n > 0 ? KIND_SMALL : KIND_NONE;
}

void answer(const char *word, long n)
{
	if (is(word, "set"))
		set(n);
	say("%s", name());
}
