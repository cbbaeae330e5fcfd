// SPDX-License-Identifier: LGPL-2.1-or-later
/* An enumerator between the old ones: what is stored means something else. */
#include "frame.h"

enum kind { KIND_NONE, KIND_TINY, KIND_SMALL, KIND_LARGE };

static enum kind kind = KIND_NONE;

static NOINLINE const char *name(void)
{
	switch (kind) {
	case KIND_NONE:
		return "none";
	case KIND_TINY:
		return "tiny";
	case KIND_SMALL:
		return "small";
	case KIND_LARGE:
		return "large";
	}
	return "unknown";
}

static NOINLINE void set(long n)
{
	kind = n > 100 ? KIND_LARGE : n > 0 ? KIND_SMALL : KIND_NONE;
}

void answer(const char *word, long n)
{
	if (is(word, "set"))
		set(n);
	say("%s", name());
}
