// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * compute.c - threads that compute and make no system call.
 *
 *	compute N	N threads that never call answer() by themselves
 *	mute N		N that block all signals as well
 *	still N		N that block all signals and sleep; they answer nothing
 *	askers N	N that call answer() all the time; also between two calls in pairs
 *	ask		what answer() gives in each of the first two kinds from now on: least, greatest
 *	mixed		pairs of the third kind that were not alike
 *	call		answer() of the main thread
 *	hold, release	a thread enters held() and leaves it
 */
#include <signal.h>

#include "holder.h"

#define THREADS_MAX 64

static volatile int one = 1;
static long asked, answered[THREADS_MAX], mixed;
static int answers[THREADS_MAX], count;

ENTRY int answer(void)
{
	return one;
}

ENTRY int held(void)
{
	holder_stay();
	return one;
}

/* Changes together with answer(), in calls that are one transaction. */
ENTRY int twice(void)
{
	return answer() + answer();
}

static void *compute(void *argument)
{
	long me = (intptr_t)argument, done = 0;

	for (;;) {
		long number = __atomic_load_n(&asked, __ATOMIC_RELAXED);

		if (number == done)
			continue;
		answers[me] = answer();
		done = number;
		__atomic_store_n(&answered[me], done, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void *mute(void *argument)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	return compute(argument);
}

static void *still(void *unused)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	for (;;)
		sleep(3600);
	return unused;
}

/* What a thread does besides: most of the time it is in none of these functions. */
ENTRY static void think(void)
{
	for (volatile int i = 0; i < 5000; i++)
		;
}

static void *ask(void *argument)
{
	long me = (intptr_t)argument;

	for (;;) {
		int both = twice();

		think();
		if (both != 2 && both != 4)
			victim_count(&mixed);
		/* these count themselves: they are always asked */
		answers[me] = both / 2;
		__atomic_store_n(&answered[me], __atomic_load_n(&asked, __ATOMIC_SEQ_CST),
				 __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void start(void *(*run)(void *), const char *argument)
{
	for (int more = atoi(argument); more > 0 && count < THREADS_MAX; more--)
		victim_thread(run, (void *)(intptr_t)count++);
	say("%d", count);
}

static void do_compute(const char *argument)
{
	start(compute, argument);
}

static void do_mute(const char *argument)
{
	start(mute, argument);
}

static void do_still(const char *argument)
{
	for (int more = atoi(argument); more > 0; more--)
		victim_thread(still, NULL);
	say("started");
}

static void do_askers(const char *argument)
{
	start(ask, argument);
}

static void do_ask(const char *argument)
{
	long number = victim_count(&asked);
	int least = 99, greatest = 0;

	(void)argument;
	for (int i = 0; i < count; i++) {
		victim_await(&answered[i], number);
		least = answers[i] < least ? answers[i] : least;
		greatest = answers[i] > greatest ? answers[i] : greatest;
	}
	say("%d %d", least, greatest);
}

static void do_mixed(const char *argument)
{
	(void)argument;
	say("%ld", __atomic_load_n(&mixed, __ATOMIC_SEQ_CST));
}

static void do_call(const char *argument)
{
	(void)argument;
	say("%d", answer());
}

int main(void)
{
	static const struct victim_command commands[] = {
		{ "compute", do_compute }, { "mute", do_mute },
		{ "askers", do_askers },   { "still", do_still },
		{ "ask", do_ask },	   { "call", do_call },
		{ "mixed", do_mixed },	   { "hold", do_hold },
		{ "release", do_release }, {},
	};

	return victim_run(commands);
}
