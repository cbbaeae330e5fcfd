// SPDX-License-Identifier: LGPL-2.1-or-later
/* A table of distances between labels. */
#include "frame.h"

NOINLINE long run(const char *program, long value)
{
	static const int step[] = { &&add - &&add, &&twice - &&add, &&stop - &&add };

	goto *(&&add + step[*program++ - 'a']);
add:
	value += 1;
	goto *(&&add + step[*program++ - 'a']);
twice:
	value *= 2;
	goto *(&&add + step[*program++ - 'a']);
stop:
	return value;
}

void answer(const char *word, long n)
{
	say("%ld", run(word, n));
}
