// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A position-independent program: data and functions of its own, of a library, of libc; a copy
 * of the library's data.
 */
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
	say("%ld %ld %ld %d %s", calls, visible * 100, exported, optind, environ ? "e" : "none");
}

void answer(const char *word, long n)
{
	change(n);
}
