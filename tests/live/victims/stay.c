// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stay.c - threads that stay in a function, and others that only come by. Each is named after what
 * it does:
 *
 *	serve	in handle_loop() for good: it sleeps, and works between
 *	plod	in plough() for good: it sleeps for 100 ms in 300
 *	burn	in compute() for good, and never sleeps
 *	wait	in wait_for_it() for good, asleep
 *	leave	that one leaves
 *	visit	in visit() half of the time, every 20 ms
 *	dive	in dip() half of the time, and computes all of it
 *
 * disturbed: how often a sleep of these ended too early.
 */
#include <poll.h>
#include <sys/prctl.h>

#include "victim.h"

static sem_t go;
static long inside, disturbed;
static volatile unsigned long work;

static void nap(int ms)
{
	if (poll(NULL, 0, ms))
		victim_count(&disturbed);
}

static void toil(unsigned long rounds)
{
	for (unsigned long i = 0; i < rounds; i++)
		work++;
}

ENTRY void handle_loop(void)
{
	victim_count(&inside);
	for (;;) {
		nap(3);
		toil(1000000);
	}
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

ENTRY void plough(void)
{
	victim_count(&inside);
	for (;;) {
		uint64_t end = now_ms() + 200;

		while (now_ms() < end)
			toil(1000);
		nap(100);
	}
}

ENTRY void compute(void)
{
	victim_count(&inside);
	for (;;)
		toil(1000);
}

ENTRY void wait_for_it(void)
{
	victim_count(&inside);
	victim_wait(&go);
}

ENTRY void visit(void)
{
	victim_count(&inside);
	nap(10);
}

ENTRY void dip(void)
{
	victim_count(&inside);
	toil(1000000);
}

static void *run(void *argument)
{
	const char *name = argument;

	prctl(PR_SET_NAME, name);
	if (!strcmp(name, "serve"))
		handle_loop();
	if (!strcmp(name, "plod"))
		plough();
	if (!strcmp(name, "burn"))
		compute();
	if (!strcmp(name, "wait"))
		wait_for_it();
	while (!strcmp(name, "visit")) {
		visit();
		nap(10);
	}
	while (!strcmp(name, "dive")) {
		dip();
		toil(1000000);
	}
	return NULL;
}

static void start(const char *name)
{
	long before = __atomic_load_n(&inside, __ATOMIC_SEQ_CST);

	victim_thread(run, strdup(name));
	victim_await(&inside, before + 1);
	say("started");
}

static void leave(const char *argument)
{
	(void)argument;
	sem_post(&go);
	say("left");
}

static void tell(const char *argument)
{
	(void)argument;
	say("%ld", __atomic_load_n(&disturbed, __ATOMIC_SEQ_CST));
}

int main(void)
{
	static const struct victim_command commands[] = {
		{ "start", start }, { "leave", leave }, { "disturbed", tell }, { 0 }
	};

	sem_init(&go, 0, 0);
	return victim_run(commands);
}
