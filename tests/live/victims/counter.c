// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * counter.c - requests that are objects, and a count that patches keep in shadow variables.
 *
 *	new		a request; its number
 *	touch N		touch() of request N
 *	drop N		the request ends
 *	limit		limit()
 *	value		a variable that states set
 *	wait		a thread enters limit_wait() and stays there; see go
 *	go		it leaves
 */
#include "victim.h"

#define REQUESTS 64

struct request {
	int number;
};

static struct request *requests[REQUESTS];
static int made;
static sem_t inside, leave;
static pthread_t waiter;
volatile int value = 7;

ENTRY int touch(struct request *request)
{
	return request->number;
}

ENTRY void drop(struct request *request)
{
	free(request);
}

ENTRY int limit(void)
{
	return value;
}

ENTRY int limit_wait(void)
{
	sem_post(&inside);
	victim_wait(&leave);
	return value + limit();
}

static void do_new(const char *argument)
{
	(void)argument;
	requests[made] = malloc(sizeof(**requests));
	requests[made]->number = made;
	say("%d", made++);
}

static void do_touch(const char *argument)
{
	say("%d", touch(requests[atoi(argument)]));
}

static void do_drop(const char *argument)
{
	drop(requests[atoi(argument)]);
	say("dropped");
}

static void do_limit(const char *argument)
{
	(void)argument;
	say("%d", limit());
}

static void do_value(const char *argument)
{
	(void)argument;
	say("%d", value);
}

static void *wait_inside(void *unused)
{
	limit_wait();
	return unused;
}

static void do_wait(const char *argument)
{
	(void)argument;
	waiter = victim_thread(wait_inside, NULL);
	victim_wait(&inside);
	say("waiting");
}

static void do_go(const char *argument)
{
	(void)argument;
	sem_post(&leave);
	pthread_join(waiter, NULL);
	say("gone");
}

int main(void)
{
	static const struct victim_command commands[] = {
		{ "new", do_new },     { "touch", do_touch },
		{ "drop", do_drop },   { "limit", do_limit },
		{ "value", do_value }, { "wait", do_wait },
		{ "go", do_go },       {},
	};

	sem_init(&inside, 0, 0);
	sem_init(&leave, 0, 0);
	return victim_run(commands);
}
