// SPDX-License-Identifier: LGPL-2.1-or-later
/* Calls through the GOT, without a PLT. */
#include <unistd.h>

#include "frame.h"
#include "library.h"

extern char **environ;
static long calls;
long visible;

NOINLINE long helper(long n)
{
	return n + 1;
}

static NOINLINE void change(long n)
{
	long more;

	calls++;
	visible += helper(n);
	more = add(n);
	exported += more;
	say("%ld %ld %ld %d %d", calls, visible, exported, optind, !!environ);
}

void answer(const char *word, long n)
{
	change(n);
}
