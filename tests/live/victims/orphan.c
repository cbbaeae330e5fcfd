// SPDX-License-Identifier: LGPL-2.1-or-later
/* orphan.c - a process whose main thread has exited; another one serves. As victim.c's "call". */
#include "victim.h"

static volatile int one = 1;
static pthread_t first;

ENTRY int answer(void)
{
	return one;
}

static void do_call(const char *argument)
{
	(void)argument;
	say("%d", answer());
}

static void *serve(void *unused)
{
	static const struct victim_command commands[] = { { "call", do_call }, {} };

	pthread_join(first, NULL);
	victim_run(commands);
	exit(0);
	return unused;
}

static void *rest(void *unused)
{
	for (;;)
		pause();
	return unused;
}

int main(void)
{
	first = pthread_self();
	victim_thread(serve, NULL);
	for (int i = 0; i < 10; i++)
		victim_thread(rest, NULL);
	pthread_exit(NULL);
}
