// SPDX-License-Identifier: LGPL-2.1-or-later
/* The function in which threads start changes. */
#include <pthread.h>

#include "frame.h"

static void *run(void *data)
{
	long *value = data;

	*value += 100;
	return data;
}

static NOINLINE long in_thread(long n)
{
	pthread_t thread;
	void *result;

	if (pthread_create(&thread, NULL, run, &n) || pthread_join(thread, &result))
		return -1;
	return *(long *)result;
}

void answer(const char *word, long n)
{
	say("%ld", in_thread(n));
}
