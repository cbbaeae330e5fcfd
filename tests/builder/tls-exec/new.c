// SPDX-License-Identifier: LGPL-2.1-or-later
/* Variables of a thread in the program: private and public, with and without a value. */
#include <pthread.h>

#include "frame.h"

extern __thread long shared;

__thread long shared = 100;
static __thread long calls;
static __thread long steps = 10;

static NOINLINE long count(long n)
{
	calls++;
	shared += n;
	steps += calls;
	return shared * 1000 + calls * 100 + steps;
}

static void *run(void *result)
{
	*(long *)result = count(5);
	return NULL;
}

void answer(const char *word, long n)
{
	pthread_t thread;
	long result = 0;

	if (is(word, "thread")) {
		pthread_create(&thread, NULL, run, &result);
		pthread_join(thread, NULL);
		say("%ld", result);
	} else {
		say("%ld", count(n));
	}
}
