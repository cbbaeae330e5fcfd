// SPDX-License-Identifier: LGPL-2.1-or-later
/* The changed function of the program uses a variable of a thread of a library, and errno. */
#include <errno.h>
#include <unistd.h>

#include "frame.h"

extern __thread long calls;
long count(void);

static NOINLINE void change(long n)
{
	count();
	close(-1);
	calls += n;
	say("%ld %s", calls - n, errno == EBADF ? "EBADF" : "other");
	calls -= n;
}

void answer(const char *word, long n)
{
	change(n);
}
