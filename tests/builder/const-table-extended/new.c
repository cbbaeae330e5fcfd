// SPDX-License-Identifier: LGPL-2.1-or-later
/* A private constant table gets more entries, and the code asks for its size. */
#include "frame.h"

static const struct {
	const char *name;
	long factor;
} units[] = {
	{ "one", 1 },
	{ "dozen", 12 },
	{ "gross", 144 },
};

static NOINLINE long factor(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (!strcmp(name, units[i].name))
			return units[i].factor;
	}
	return 0;
}

void answer(const char *word, long n)
{
	say("%ld", n * factor(word));
}
