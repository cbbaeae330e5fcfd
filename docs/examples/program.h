// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * program.h - what the programs of the examples share: a server that answers lines from its
 * standard input, and clients of all kinds. One line in, one line out:
 *
 *	load N		N clients send requests all the time, on a thread each
 *	more N		when N more of these have been answered
 *	stop		they end
 *	slow		a client opens a request(), on a thread of its own, and says nothing yet
 *	go LINE		it says LINE at last, gets its answer, and is gone
 *	violations	how often the program has found its own rules broken
 *	LINE		anything else is a request to handle()
 */
#ifndef EXAMPLES_PROGRAM_H
#define EXAMPLES_PROGRAM_H

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What a patch may replace or hold: no caller knows anything about its inside. */
#define ENTRY __attribute__((noipa))
#define CLIENTS 16

struct client {
	void (*serve)(struct client *client);
	char line[128];
	bool slow;
	unsigned int seed;
	long served;
	pthread_t thread;
};

/* To be written by each program: one line; one request of the load. */
static void handle(char *line);
static void work(struct client *client);

static struct client clients[CLIENTS], slow_client;
static int n_clients;
static sem_t slow_is_in, slow_may_speak;
static bool stopping;
static long violations;

static inline void violation(void)
{
	__atomic_add_fetch(&violations, 1, __ATOMIC_SEQ_CST);
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char text[128];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text) - 1, format, arguments);
	va_end(arguments);
	text[length++] = '\n';
	if (write(STDOUT_FILENO, text, (size_t)length) != length)
		_exit(3);
}

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem) && errno == EINTR)
		;
}

static inline unsigned int pick(struct client *client, unsigned int below)
{
	return (unsigned int)rand_r(&client->seed) % below;
}

/* One request, from its first byte to its answer. */
ENTRY static long request(struct client *client)
{
	if (client->slow) {
		sem_post(&slow_is_in);
		wait_for(&slow_may_speak);
	}
	client->serve(client);
	return __atomic_add_fetch(&client->served, 1, __ATOMIC_SEQ_CST);
}

static void serve_line(struct client *client)
{
	handle(client->line);
}

static void *run_slow(void *unused)
{
	request(&slow_client);
	return unused;
}

static void *run_client(void *client)
{
	const struct timespec thinking = { .tv_nsec = 20000 };

	while (!__atomic_load_n(&stopping, __ATOMIC_SEQ_CST)) {
		request(client);
		nanosleep(&thinking, NULL);
	}
	return NULL;
}

static void start(pthread_t *thread, void *(*run)(void *), void *argument)
{
	if (pthread_create(thread, NULL, run, argument))
		_exit(4);
}

static void load(int count)
{
	stopping = false;
	for (n_clients = 0; n_clients < count && n_clients < CLIENTS; n_clients++) {
		clients[n_clients].serve = work;
		clients[n_clients].seed = (unsigned int)n_clients + 1;
		start(&clients[n_clients].thread, run_client, &clients[n_clients]);
	}
	say("loaded");
}

static void stop(void)
{
	__atomic_store_n(&stopping, true, __ATOMIC_SEQ_CST);
	while (n_clients > 0)
		pthread_join(clients[--n_clients].thread, NULL);
	say("stopped");
}

static long served(void)
{
	long sum = 0;

	for (int i = 0; i < n_clients; i++)
		sum += __atomic_load_n(&clients[i].served, __ATOMIC_SEQ_CST);
	return sum;
}

static void more(long count)
{
	const struct timespec moment = { .tv_nsec = 200000 };
	long until = served() + count;

	while (served() < until)
		nanosleep(&moment, NULL);
	say("more");
}

static void slow(void)
{
	slow_client.serve = serve_line;
	slow_client.slow = true;
	start(&slow_client.thread, run_slow, NULL);
	wait_for(&slow_is_in);
	say("slow");
}

static void go(const char *line)
{
	snprintf(slow_client.line, sizeof(slow_client.line), "%s", line);
	sem_post(&slow_may_speak);
	pthread_join(slow_client.thread, NULL);
}

static void obey(char *line)
{
	struct client client = { .serve = serve_line };

	if (!strncmp(line, "load ", 5)) {
		load(atoi(line + 5));
	} else if (!strncmp(line, "more ", 5)) {
		more(atol(line + 5));
	} else if (!strcmp(line, "stop")) {
		stop();
	} else if (!strcmp(line, "slow")) {
		slow();
	} else if (!strncmp(line, "go ", 3)) {
		go(line + 3);
	} else if (!strcmp(line, "violations")) {
		say("%ld", __atomic_load_n(&violations, __ATOMIC_SEQ_CST));
	} else {
		snprintf(client.line, sizeof(client.line), "%s", line);
		request(&client);
	}
}

/* Without stdio: a thread that waits for input would hold a lock of libc's meanwhile. */
static bool read_line(char *line, size_t size)
{
	for (size_t length = 0; length < size && read(STDIN_FILENO, line + length, 1) == 1;
	     length++)
		if (line[length] == '\n') {
			line[length] = '\0';
			return true;
		}
	return false;
}

int main(void)
{
	char line[128];

	sem_init(&slow_is_in, 0, 0);
	sem_init(&slow_may_speak, 0, 0);
	say("ready");
	while (read_line(line, sizeof(line)))
		obey(line);
	return 0;
}

#endif
