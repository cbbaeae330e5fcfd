// SPDX-License-Identifier: LGPL-2.1-or-later
/* The changed function calls functions of libc that nothing in the program called before. */
#include <stdlib.h>
#include <unistd.h>

#include "frame.h"

static NOINLINE void change(const char *word, long n)
{
	div_t parts = div((int)n, 3);
	char *copy = strdup(word);

	if (!copy || getppid() == getpid())
		abort();
	strrchr(copy, 'l')[0] = 'L';
	say("%s %d %d", copy, parts.quot, parts.rem);
	free(copy);
}

void answer(const char *word, long n)
{
	change(word, n);
}
