// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * server.c - a sample server with 100 threads, for the demo where memcached's source cannot be had.
 *
 *	server PORT
 *
 * Every thread waits for connections and serves one at a time, with memcached's words: set, get,
 * incr, stats, quit.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 100
#define ITEMS 16384
#define KEY_SIZE 64
#define VALUE_SIZE 256

/* Two streams over one connection: stdio cannot turn around on one without losing what it read. */
struct client {
	FILE *in, *out;
};

struct item {
	char key[KEY_SIZE];
	char value[VALUE_SIZE];
};

static struct item items[ITEMS];
static pthread_mutex_t items_lock = PTHREAD_MUTEX_INITIALIZER;
static int listener;
static atomic_uint interrupted;

/* The function that the demo replaces: decimal numbers only. */
static __attribute__((noinline, noclone)) bool parse_number(const char *text, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 10);
	return end != text && *end == '\0';
}

static struct item *item_find(const char *key)
{
	uint32_t hash = 2166136261u;

	for (const char *p = key; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619u;
	for (uint32_t i = 0; i < ITEMS; i++) {
		struct item *item = &items[(hash + i) % ITEMS];

		if (!item->key[0] || strcmp(item->key, key) == 0)
			return item;
	}
	return NULL;
}

static void do_set(struct client *client, const char *key, const char *size)
{
	char line[VALUE_SIZE + 2];
	struct item *item;

	if (!fgets(line, sizeof(line), client->in))
		return;
	line[strcspn(line, "\r\n")] = '\0';
	if (strlen(line) != (size_t)atoi(size)) {
		fputs("CLIENT_ERROR bad data chunk\r\n", client->out);
		return;
	}
	pthread_mutex_lock(&items_lock);
	item = item_find(key);
	if (item) {
		snprintf(item->key, sizeof(item->key), "%s", key);
		snprintf(item->value, sizeof(item->value), "%s", line);
	}
	pthread_mutex_unlock(&items_lock);
	fputs(item ? "STORED\r\n" : "SERVER_ERROR out of memory\r\n", client->out);
}

static void do_get(struct client *client, const char *key)
{
	struct item found = { 0 };
	struct item *item;

	pthread_mutex_lock(&items_lock);
	item = item_find(key);
	if (item)
		found = *item;
	pthread_mutex_unlock(&items_lock);
	if (found.key[0])
		fprintf(client->out, "VALUE %s 0 %zu\r\n%s\r\n", key, strlen(found.value),
			found.value);
	fputs("END\r\n", client->out);
}

static void do_incr(struct client *client, const char *key, const char *text)
{
	struct item *item;
	uint64_t delta, value = 0;
	bool found;

	if (!parse_number(text, &delta)) {
		fputs("CLIENT_ERROR invalid numeric delta argument\r\n", client->out);
		return;
	}
	pthread_mutex_lock(&items_lock);
	item = item_find(key);
	found = item && item->key[0];
	if (found) {
		value = strtoull(item->value, NULL, 10) + delta;
		snprintf(item->value, sizeof(item->value), "%" PRIu64, value);
	}
	pthread_mutex_unlock(&items_lock);
	if (found)
		fprintf(client->out, "%" PRIu64 "\r\n", value);
	else
		fputs("NOT_FOUND\r\n", client->out);
}

/* One request; false: the client wants to go. */
static bool serve_line(struct client *client, char *line)
{
	char word[16] = "", key[KEY_SIZE] = "", size[16] = "";

	if (sscanf(line, "set %63s %*s %*s %15s", key, size) == 2)
		do_set(client, key, size);
	else if (sscanf(line, "get %63s", key) == 1)
		do_get(client, key);
	else if (sscanf(line, "incr %63s %15s", key, size) == 2)
		do_incr(client, key, size);
	else if (sscanf(line, "%15s", word) == 1 && strcmp(word, "stats") == 0)
		fprintf(client->out, "STAT threads %d\r\nSTAT eintr %u\r\nEND\r\n", THREADS,
			interrupted);
	else
		return false;
	return fflush(client->out) == 0;
}

static bool client_init(struct client *client, int fd)
{
	int copy = dup(fd);

	client->in = fdopen(fd, "r");
	client->out = copy < 0 ? NULL : fdopen(copy, "w");
	return client->in && client->out;
}

static void client_deinit(struct client *client)
{
	if (client->in)
		fclose(client->in);
	if (client->out)
		fclose(client->out);
}

static void serve(int fd)
{
	struct client client;
	char line[512];
	bool goes_on = client_init(&client, fd);

	while (goes_on) {
		errno = 0;
		goes_on = fgets(line, sizeof(line), client.in) && serve_line(&client, line);
		if (errno == EINTR)
			interrupted++;
	}
	client_deinit(&client);
}

static void *serve_all(void *unused)
{
	(void)unused;
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			serve(fd);
		else if (errno == EINTR)
			interrupted++;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1;

	if (argc != 2)
		return 2;
	address.sin_port = htons((uint16_t)atoi(argv[1]));
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(listener, THREADS) < 0) {
		perror("server");
		return 1;
	}
	for (int i = 1; i < THREADS; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, serve_all, NULL) != 0)
			return 1;
	}
	serve_all(NULL);
}
