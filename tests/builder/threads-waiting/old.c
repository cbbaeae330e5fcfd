// SPDX-License-Identifier: LGPL-2.1-or-later
/* Threads wait in unchanged functions meanwhile, and call the changed one when they are woken. */
#include <pthread.h>
#include <semaphore.h>

#include "frame.h"

static sem_t wanted, done;
static long result;

static NOINLINE void work(void)
{
	result += 1;
}

static void *run(void *unused)
{
	for (;;) {
		sem_wait(&wanted);
		work();
		sem_post(&done);
	}
	return unused;
}

static NOINLINE void start(void)
{
	pthread_t thread;

	sem_init(&wanted, 0, 0);
	sem_init(&done, 0, 0);
	for (int i = 0; i < 3; i++)
		pthread_create(&thread, NULL, run, NULL);
}

void answer(const char *word, long n)
{
	static long started;

	if (!started++)
		start();
	result = 0;
	for (long i = 0; i < n; i++) {
		sem_post(&wanted);
		sem_wait(&done);
	}
	say("%ld", result);
}
