// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tls.c - thread-local variables: of the program, of a shared object that is linked (-DLINKED), and of
 * one that is loaded after some threads have started (-DDLOPEN).
 *
 *	threads N	N threads wait for "tick"
 *	open FILE	loads the library
 *	tick		every thread calls tick() and far_tick(); the sums
 */
#include <dlfcn.h>

#include "victim.h"

#define THREADS_MAX 32

static __thread int ticks = 1; /* initialised: in .tdata */
__thread int total; /* in .tbss */

static int (*far)(void);
static sem_t start[THREADS_MAX], done;
static long sum, far_sum;
static int threads;

ENTRY int tick(void)
{
	total += 1000;
	return ticks++;
}

static void tick_once(void)
{
	__atomic_add_fetch(&sum, tick(), __ATOMIC_SEQ_CST);
	if (far)
		__atomic_add_fetch(&far_sum, far(), __ATOMIC_SEQ_CST);
}

static void *run(void *argument)
{
	for (;;) {
		victim_wait(argument);
		tick_once();
		sem_post(&done);
	}
	return NULL;
}

static void do_threads(const char *argument)
{
	for (int more = atoi(argument); more > 0 && threads < THREADS_MAX; more--) {
		sem_init(&start[threads], 0, 0);
		victim_thread(run, &start[threads++]);
	}
	say("started");
}

static void do_tick(const char *argument)
{
	(void)argument;
	sum = far_sum = 0;
	for (int i = 0; i < threads; i++)
		sem_post(&start[i]);
	for (int i = 0; i < threads; i++)
		victim_wait(&done);
	tick_once();
	say("%ld %ld %d", sum, far_sum, total);
}

#ifdef DLOPEN
static void do_open(const char *argument)
{
	void *library = dlopen(argument, RTLD_NOW | RTLD_LOCAL);

	far = library ? (int (*)(void))dlsym(library, "far_tick") : NULL;
	say("%s", far ? "opened" : "failed");
}
#elif defined(LINKED)
int far_tick(void);
#endif

int main(void)
{
	static const struct victim_command commands[] = {
		{ "threads", do_threads },
		{ "tick", do_tick },
#ifdef DLOPEN
		{ "open", do_open },
#endif
		{},
	};

#if defined(LINKED) && !defined(DLOPEN)
	far = far_tick;
#endif
	sem_init(&done, 0, 0);
	return victim_run(commands);
}
