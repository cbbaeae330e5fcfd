// SPDX-License-Identifier: LGPL-2.1-or-later
/* Assembler in the changed function leaves a note in a section that is an array. */
#include <stdint.h>

#include "frame.h"

extern const uint64_t __start_places[], __stop_places[];

#define PLACE                                                                                      \
	__asm__ volatile("1:\n\t"                                                                  \
			 ".pushsection places, \"aw\"\n\t"                                         \
			 ".quad 1b\n\t"                                                            \
			 ".popsection")

NOINLINE long change(long n)
{
	PLACE;
	return n + 1;
}

NOINLINE long other(long n)
{
	PLACE;
	return n + 2;
}

void answer(const char *word, long n)
{
	if (is(word, "places"))
		say("%td", __stop_places - __start_places);
	else
		say("%ld", is(word, "other") ? other(n) : change(n));
}
