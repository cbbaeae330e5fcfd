// SPDX-License-Identifier: LGPL-2.1-or-later
/* A signal handler that was installed before changes. */
#include <signal.h>

#include "frame.h"

static volatile long seen;

static void handle(int number)
{
	seen += number == SIGUSR1;
}

static NOINLINE void install(void)
{
	struct sigaction action = { .sa_handler = handle };

	sigaction(SIGUSR1, &action, NULL);
}

void answer(const char *word, long n)
{
	static long installed;

	if (!installed++)
		install();
	seen = 0;
	raise(SIGUSR1);
	say("%ld", seen);
}
