// SPDX-License-Identifier: LGPL-2.1-or-later
/* Another entry of an array that the linker collects from sections. */
#include "frame.h"

struct command {
	const char *name;
	long factor;
};

#define COMMAND(name, factor)                                                                      \
	static const struct command command_##name                                                 \
		__attribute__((section("commands"), used)) = { #name, factor }

extern const struct command __start_commands[], __stop_commands[];

COMMAND(twice, 2);

void answer(const char *word, long n)
{
	for (const struct command *one = __start_commands; one < __stop_commands; one++) {
		if (is(word, one->name)) {
			say("%ld", n * one->factor);
			return;
		}
	}
	say("unknown");
}
