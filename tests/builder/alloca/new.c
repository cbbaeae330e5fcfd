// SPDX-License-Identifier: LGPL-2.1-or-later
/* Stack frames whose size is known only at run time. */
#include <alloca.h>

#include "frame.h"

static NOINLINE void fill(char *text, long size, char with)
{
	memset(text, with, (size_t)size - 1);
	text[size - 1] = '\0';
}

static NOINLINE void change(long n)
{
	char *first = alloca((size_t)n + 1);
	char second[n * 2];

	fill(first, n + 1, 'a');
	fill(second, (long)sizeof(second), 'b');
	say("%s %s", first, second);
}

void answer(const char *word, long n)
{
	change(n);
}
