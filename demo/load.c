// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * load.c - clients of a redis, or of a memcached (or of server.c), that verify every reply.
 *
 *	load PORT CLIENTS redis|memcached
 *
 * Each client sets, gets and increments keys of its own over one connection; of redis, it has it count
 * the members of sets too, by HyperLogLog. SIGUSR1 prints one line
 * with what was counted since the start, and the longest gap between two replies since the last
 * such line; SIGTERM does the same and ends. A gap counts from reply to reply on one connection,
 * so it holds the client's own pauses too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 256
#define KEYS 64
#define PAUSE_NS 200000 /* between two operations: the machine has other work too */

static atomic_ullong operations, errors, reconnects, longest_ns;
static atomic_bool stopping;
static uint16_t port;

struct client {
	int number;
	int fd; /* -1: not connected */
	uint64_t last_reply_ns;
	uint64_t round;
	uint64_t counter; /* what the server's counter must be */
	char reply[4096];
	size_t have;
};

/* One of each request, in the words of the server's protocol; false: a reply is not as expected. */
static bool (*play_round)(struct client *client);

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void pause_ns(long ns)
{
	struct timespec time = { .tv_nsec = ns };

	while (nanosleep(&time, &time) < 0 && errno == EINTR)
		;
}

static void note_reply(struct client *client)
{
	uint64_t now = now_ns();
	unsigned long long gap = now - client->last_reply_ns, longest = longest_ns;

	client->last_reply_ns = now;
	while (gap > longest && !atomic_compare_exchange_weak(&longest_ns, &longest, gap))
		;
	operations++;
}

static bool client_connect(struct client *client)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval timeout = { .tv_sec = 30 };
	int one = 1;

	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	client->have = 0;
	if (client->fd < 0)
		return false;
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if (connect(client->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return true;
	close(client->fd);
	client->fd = -1;
	return false;
}

static void client_fail(struct client *client, const char *why)
{
	errors++;
	fprintf(stderr, "load: client %d: %s\n", client->number, why);
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}

/* Sends the request; whether exactly the expected reply came. */
static bool ask(struct client *client, const char *request, const char *expected)
{
	size_t size = strlen(request), wanted = strlen(expected), done = 0;

	while (done < size) {
		ssize_t n = send(client->fd, request + done, size - done, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	for (client->have = 0; client->have < wanted;) {
		ssize_t n = recv(client->fd, client->reply + client->have, wanted - client->have,
				 0);

		if (n <= 0)
			return false;
		client->have += (size_t)n;
		if (memcmp(client->reply, expected, client->have) != 0)
			return false;
	}
	note_reply(client);
	return true;
}

static bool memcached_set_and_get(struct client *client)
{
	char key[64], value[128], request[256], expected[256];

	snprintf(key, sizeof(key), "client%d.%u", client->number,
		 (unsigned int)(client->round % KEYS));
	snprintf(value, sizeof(value), "value %llu of client %d", (unsigned long long)client->round,
		 client->number);
	snprintf(request, sizeof(request), "set %s 0 0 %zu\r\n%s\r\n", key, strlen(value), value);
	if (!ask(client, request, "STORED\r\n"))
		return false;
	snprintf(request, sizeof(request), "get %s\r\n", key);
	snprintf(expected, sizeof(expected), "VALUE %s 0 %zu\r\n%s\r\nEND\r\n", key, strlen(value),
		 value);
	return ask(client, request, expected);
}

static bool memcached_count_up(struct client *client)
{
	char request[64], expected[64];

	if (!client->counter) {
		snprintf(request, sizeof(request), "set count%d 0 0 1\r\n0\r\n", client->number);
		if (!ask(client, request, "STORED\r\n"))
			return false;
	}
	client->counter += 7;
	snprintf(request, sizeof(request), "incr count%d 7\r\n", client->number);
	snprintf(expected, sizeof(expected), "%llu\r\n", (unsigned long long)client->counter);
	return ask(client, request, expected);
}

static bool memcached_round(struct client *client)
{
	return memcached_set_and_get(client) && memcached_count_up(client);
}

static bool redis_set_and_get(struct client *client)
{
	char key[64], value[128], request[256], expected[256];

	snprintf(key, sizeof(key), "client%d.%u", client->number,
		 (unsigned int)(client->round % KEYS));
	snprintf(value, sizeof(value), "value %llu of client %d", (unsigned long long)client->round,
		 client->number);
	snprintf(request, sizeof(request), "SET %s \"%s\"\r\n", key, value);
	if (!ask(client, request, "+OK\r\n"))
		return false;
	snprintf(request, sizeof(request), "GET %s\r\n", key);
	snprintf(expected, sizeof(expected), "$%zu\r\n%s\r\n", strlen(value), value);
	return ask(client, request, expected);
}

static bool redis_count_up(struct client *client)
{
	char request[64], expected[64];

	if (!client->counter) {
		snprintf(request, sizeof(request), "SET count%d 0\r\n", client->number);
		if (!ask(client, request, "+OK\r\n"))
			return false;
	}
	client->counter += 7;
	snprintf(request, sizeof(request), "INCRBY count%d 7\r\n", client->number);
	snprintf(expected, sizeof(expected), ":%llu\r\n", (unsigned long long)client->counter);
	return ask(client, request, expected);
}

/* Three members, a merge with itself, a count: small numbers are exact. */
static bool redis_count_members(struct client *client)
{
	char request[128];
	int number = client->number;

	snprintf(request, sizeof(request), "SET log%d \"\"\r\n", number);
	if (!ask(client, request, "+OK\r\n"))
		return false;
	snprintf(request, sizeof(request), "GETDEL log%d\r\n", number);
	if (!ask(client, request, "$0\r\n\r\n"))
		return false;
	snprintf(request, sizeof(request), "PFADD log%d one two three\r\n", number);
	if (!ask(client, request, ":1\r\n"))
		return false;
	snprintf(request, sizeof(request), "PFMERGE log%d log%d\r\n", number, number);
	if (!ask(client, request, "+OK\r\n"))
		return false;
	snprintf(request, sizeof(request), "PFCOUNT log%d\r\n", number);
	return ask(client, request, ":3\r\n");
}

static bool redis_round(struct client *client)
{
	return redis_set_and_get(client) && redis_count_up(client) && redis_count_members(client);
}

static void *client_run(void *argument)
{
	struct client *client = argument;

	client->fd = -1;
	client->last_reply_ns = now_ns();
	for (bool first = true; !stopping; first = false) {
		if (client->fd < 0 && !client_connect(client)) {
			client_fail(client, "cannot connect");
			pause_ns(100000000);
			continue;
		}
		if (!first && !client->have)
			reconnects++;
		client->counter = 0;
		while (!stopping && client->fd >= 0) {
			client->round++;
			if (!play_round(client))
				client_fail(client, "wrong reply, or none");
			pause_ns(PAUSE_NS);
		}
	}
	return NULL;
}

static void print_counts(void)
{
	printf("operations=%llu errors=%llu reconnects=%llu longest_gap_us=%llu\n", operations,
	       errors, reconnects, atomic_exchange(&longest_ns, 0) / 1000);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static struct client clients[CLIENTS_MAX];
	pthread_t threads[CLIENTS_MAX];
	sigset_t signals;
	int count, signal;

	if (argc != 4)
		return 2;
	play_round = strcmp(argv[3], "redis") == 0 ? redis_round : memcached_round;
	port = (uint16_t)atoi(argv[1]);
	count = atoi(argv[2]);
	if (count < 1 || count > CLIENTS_MAX)
		return 2;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	for (int i = 0; i < count; i++) {
		clients[i].number = i;
		if (pthread_create(&threads[i], NULL, client_run, &clients[i]) != 0)
			return 1;
	}
	while (sigwait(&signals, &signal) == 0 && signal == SIGUSR1)
		print_counts();
	stopping = true;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	print_counts();
	return errors ? 1 : 0;
}
