// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * apart.c - a program and a library of its own (apart_library.c), each with private data. Backtraces
 * are taken through both.
 *
 *	call		both answers
 *	depth		how many frames a backtrace has from below the library's function
 *	wait		a thread calls the library's function, which waits
 *	wake		it comes back; what it got
 */
#include <execinfo.h>

#include "victim.h"

int outside(void (*inner)(void));

static volatile int secret = 1;
static sem_t inner_reached, may_return;
static pthread_t waiter;
static int waiter_got, depth;

ENTRY int inside(void)
{
	return secret;
}

static void do_call(const char *argument)
{
	int first = inside();

	(void)argument;
	say("%d %d", first, outside(NULL));
}

static void note_depth(void)
{
	void *frames[64];

	depth = backtrace(frames, 64);
}

static void do_depth(const char *argument)
{
	(void)argument;
	outside(note_depth);
	say("%d", depth);
}

static void wait_here(void)
{
	sem_post(&inner_reached);
	while (sem_wait(&may_return))
		;
}

static void *run_waiter(void *argument)
{
	waiter_got = outside(wait_here);
	return argument;
}

static void do_wait(const char *argument)
{
	(void)argument;
	waiter = victim_thread(run_waiter, NULL);
	while (sem_wait(&inner_reached))
		;
	say("waiting");
}

static void do_wake(const char *argument)
{
	(void)argument;
	sem_post(&may_return);
	pthread_join(waiter, NULL);
	say("%d", waiter_got);
}

int main(void)
{
	static const struct victim_command commands[] = {
		{ "call", do_call },
		{ "depth", do_depth },
		{ "wait", do_wait },
		{ "wake", do_wake },
		{},
	};

	sem_init(&inner_reached, 0, 0);
	sem_init(&may_return, 0, 0);
	note_depth(); /* libgcc_s is there from now on */
	return victim_run(commands);
}
