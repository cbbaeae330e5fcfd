// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * guest.c - what a program does that has to do with all of its threads, and so with the agent's; and a
 * function whose last instruction is a call that never returns.
 *
 *	identity	takes on another user's, and its own again, on behalf of all threads
 *	leave		the main thread ends; the other one waits for that, and ends too
 *	try		a thread is in report(), called by attempt(); "again": it goes back by longjmp()
 */
#include <setjmp.h>

#include "victim.h"

static sem_t go;
static long reporting;
static jmp_buf env;
static int first, second;
static pthread_t main_thread, trying;

ENTRY int version(void)
{
	return 1;
}

ENTRY __attribute__((noreturn)) void report(void)
{
	victim_count(&reporting);
	victim_wait(&go);
	longjmp(env, 1);
}

ENTRY int attempt(void)
{
	first = version();
	if (setjmp(env)) {
		second = version();
		return 1;
	}
	report();
}

static void *try_it(void *unused)
{
	(void)unused;
	attempt();
	return NULL;
}

static void try(const char *argument)
{
	(void)argument;
	trying = victim_thread(try_it, NULL);
	victim_await(&reporting, 1);
	say("reporting");
}

static void again(const char *argument)
{
	(void)argument;
	sem_post(&go);
	pthread_join(trying, NULL);
	say("%d %d", first, second);
}

static void identity(const char *argument)
{
	int there = seteuid(65534), back = seteuid(0);

	(void)argument;
	say("%d %d", there, back);
}

static void bye(void)
{
	say("bye");
}

static void *wait_for_main(void *unused)
{
	(void)unused;
	pthread_join(main_thread, NULL);
	return NULL;
}

static void leave(const char *argument)
{
	(void)argument;
	atexit(bye);
	main_thread = pthread_self();
	victim_thread(wait_for_main, NULL);
	say("leaving");
	pthread_exit(NULL);
}

int main(void)
{
	static const struct victim_command commands[] = { { "identity", identity },
							  { "leave", leave },
							  { "try", try },
							  { "again", again },
							  { 0 } };

	sem_init(&go, 0, 0);
	return victim_run(commands);
}
