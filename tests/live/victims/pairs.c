// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pairs.c - requests that call two functions which change together.
 *
 *	call		one request: 11, 22; 12 or 21 is a mixture
 *	work N		N threads do requests all the time
 *	versions	the least and the greatest answer of the threads from now on
 *	mixed		how many of their requests were mixtures
 *	enter WHERE	a thread begins a request and stops in front() or between the two calls
 *	leave		it goes on; its answer
 */
#include "victim.h"

#define WORKERS_MAX 64

static __thread const char *stop_at = "";
static sem_t entered, leave;
static pthread_t visitor;
static long mixed, calls[WORKERS_MAX];
static int latest[WORKERS_MAX], workers;
static volatile int one = 1;

static void stop(const char *where)
{
	if (strcmp(stop_at, where))
		return;
	sem_post(&entered);
	victim_wait(&leave);
}

ENTRY int front(void)
{
	stop("front");
	return one;
}

ENTRY int back(void)
{
	return one;
}

ENTRY int request(void)
{
	int answer = front() * 10;

	stop("between");
	return answer + back();
}

/* What a thread does besides: most of the time it is in no request. */
ENTRY static void think(void)
{
	for (volatile int i = 0; i < 5000; i++)
		;
}

static void *work(void *argument)
{
	long me = (intptr_t)argument;

	for (;;) {
		int answer = request();

		think();
		if (answer % 11)
			victim_count(&mixed);
		__atomic_store_n(&latest[me], answer, __ATOMIC_SEQ_CST);
		victim_count(&calls[me]);
	}
	return NULL;
}

static void *visit(void *argument)
{
	stop_at = argument;
	return (void *)(intptr_t)request();
}

static void do_work(const char *argument)
{
	for (int more = atoi(argument); more > 0 && workers < WORKERS_MAX; more--)
		victim_thread(work, (void *)(intptr_t)workers++);
	for (int i = 0; i < workers; i++)
		victim_await(&calls[i], 1);
	say("working");
}

static void do_versions(const char *argument)
{
	int least = 99, greatest = 0;

	(void)argument;
	for (int i = 0; i < workers; i++) {
		int answer;

		victim_await(&calls[i], __atomic_load_n(&calls[i], __ATOMIC_SEQ_CST) + 2);
		answer = __atomic_load_n(&latest[i], __ATOMIC_SEQ_CST);
		least = answer < least ? answer : least;
		greatest = answer > greatest ? answer : greatest;
	}
	say("%d %d", least, greatest);
}

static void do_mixed(const char *argument)
{
	(void)argument;
	say("%ld", __atomic_load_n(&mixed, __ATOMIC_SEQ_CST));
}

static void do_enter(const char *argument)
{
	static char where[32];

	snprintf(where, sizeof(where), "%s", argument);
	visitor = victim_thread(visit, where);
	victim_wait(&entered);
	say("entered");
}

static void do_leave(const char *argument)
{
	void *answer;

	(void)argument;
	sem_post(&leave);
	pthread_join(visitor, &answer);
	say("%d", (int)(intptr_t)answer);
}

static void do_call(const char *argument)
{
	(void)argument;
	say("%d", request());
}

int main(void)
{
	static const struct victim_command commands[] = {
		{ "call", do_call },
		{ "work", do_work },
		{ "versions", do_versions },
		{ "mixed", do_mixed },
		{ "enter", do_enter },
		{ "leave", do_leave },
		{},
	};

	sem_init(&entered, 0, 0);
	sem_init(&leave, 0, 0);
	return victim_run(commands);
}
