// SPDX-License-Identifier: LGPL-2.1-or-later
/* A linked array points to literals without a name, whose numbers shift; the array is the same. */
#include "frame.h"

struct rule {
	const char *name;
	long factor;
};

static const struct rule *const fallback = &(const struct rule){ "fallback", 7 };

#define RULE(line, name, factor)                                                                   \
	static const struct rule *const rule_##line                                                \
		__attribute__((section("rules"), used)) = &(const struct rule)                     \
	{                                                                                          \
		name, factor                                                                       \
	}

extern const struct rule *const __start_rules[], *const __stop_rules[];

RULE(1, "twice", 2);
RULE(2, "thrice", 3);

void answer(const char *word, long n)
{
	for (const struct rule *const *one = __start_rules; one < __stop_rules; one++) {
		if (is(word, (*one)->name)) {
			say("%ld", n * (*one)->factor);
			return;
		}
	}
	say("unknown: %s, %ld", fallback->name, n * fallback->factor);
}
