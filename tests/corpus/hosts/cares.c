// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cares.c - threads that look up names and addresses with c-ares, at a DNS server that is one more
 * thread of this process. What comes back is told by the name that is asked for.
 */
#include <arpa/inet.h>
#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/socket.h>

#include "count.h"

#define HEADER_SIZE 12
#define DNS_A 1
#define DNS_PTR 12
#define DNS_AAAA 28

static int server_fd;
static char server_address[64];

/* --- the server --- */

static unsigned char *put16(unsigned char *at, unsigned value)
{
	*at++ = (unsigned char)(value >> 8);
	*at++ = (unsigned char)value;
	return at;
}

static unsigned char *put_name(unsigned char *at, const char *name)
{
	while (*name) {
		size_t length = strcspn(name, ".");

		*at++ = (unsigned char)length;
		memcpy(at, name, length);
		at += length;
		name += length + (name[length] == '.');
	}
	*at++ = 0;
	return at;
}

/* An alias, whose name ends in a pointer to the question, and what it is an alias of. */
static unsigned char *put_answer(unsigned char *at, int type, unsigned last)
{
	unsigned char *length_at;

	at = put16(put16(put16(put16(at, 0xc00c), (unsigned)type), 1), 0);
	at = put16(at, 60);
	length_at = at;
	at += 2;
	if (type == DNS_A) {
		const unsigned char address[] = { 10, 1, 2, (unsigned char)last };

		memcpy(at, address, sizeof(address));
		at += sizeof(address);
	} else if (type == DNS_AAAA) {
		memset(at, 0, 16);
		at[0] = 0xfd;
		at[15] = (unsigned char)last;
		at += 16;
	} else {
		at = put_name(at, "pointer.corpus");
	}
	put16(length_at, (unsigned)(at - length_at - 2));
	return at;
}

/* Answers "hNNN.corpus" with addresses that end in NNN, "none..." with an error. */
static size_t answer(unsigned char *packet, size_t length)
{
	unsigned char *at = packet + HEADER_SIZE;
	bool none = !strncasecmp((char *)at + 1, "none", 4);
	unsigned last = (unsigned)atoi((char *)at + 2);
	int type;

	while (*at && at < packet + length)
		at += *at + 1;
	type = at[1] << 8 | at[2];
	at += 5;
	packet[2] = 0x81;
	packet[3] = none ? 0x83 : 0x80;
	memset(packet + 6, 0, 6);
	if (none)
		return (size_t)(at - packet);
	packet[7] = 2; /* two answers, the same twice but for the last byte */
	at = put_answer(at, type, last);
	at = put_answer(at, type, last + 100);
	return (size_t)(at - packet);
}

static void *serve(void *unused)
{
	unsigned char packet[2048];
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	ssize_t length;

	(void)unused;
	while ((length = recvfrom(server_fd, packet, 512, 0, (struct sockaddr *)&from, &size)) >=
	       0) {
		if (length > HEADER_SIZE + 5)
			sendto(server_fd, packet, answer(packet, (size_t)length), 0,
			       (struct sockaddr *)&from, size);
		size = sizeof(from);
	}
	return NULL;
}

static void start_server(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	pthread_t thread;

	server_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	count_require(!bind(server_fd, (struct sockaddr *)&address, sizeof(address)));
	count_require(!getsockname(server_fd, (struct sockaddr *)&address, &size));
	snprintf(server_address, sizeof(server_address), "127.0.0.1:%d", ntohs(address.sin_port));
	count_require(!pthread_create(&thread, NULL, serve, NULL));
}

/* --- the clients --- */

struct lookup {
	int status;
	unsigned last; /* byte of the first address */
	int count;
	bool done;
	char name[128];
};

static void on_host(void *user, int status, int timeouts, struct hostent *host)
{
	struct lookup *lookup = user;

	(void)timeouts;
	lookup->done = true;
	lookup->status = status;
	if (status != ARES_SUCCESS)
		return;
	snprintf(lookup->name, sizeof(lookup->name), "%s", host->h_name);
	for (; host->h_addr_list[lookup->count]; lookup->count++)
		;
	if (lookup->count)
		lookup->last = (unsigned char)host->h_addr_list[0][host->h_length - 1];
}

static void on_info(void *user, int status, int timeouts, struct ares_addrinfo *info)
{
	struct lookup *lookup = user;

	(void)timeouts;
	lookup->done = true;
	lookup->status = status;
	if (status != ARES_SUCCESS)
		return;
	for (struct ares_addrinfo_node *node = info->nodes; node; node = node->ai_next)
		lookup->count++;
	ares_freeaddrinfo(info);
}

static void wait_for(ares_channel channel, const struct lookup *lookup)
{
	while (!lookup->done) {
		fd_set readable, writable;
		struct timeval most = { 1, 0 }, time;
		int count;

		FD_ZERO(&readable);
		FD_ZERO(&writable);
		count = ares_fds(channel, &readable, &writable);
		if (!count)
			break;
		select(count, &readable, &writable, NULL, ares_timeout(channel, &most, &time));
		ares_process(channel, &readable, &writable);
	}
}

static void look_up(ares_channel channel, unsigned round)
{
	struct lookup v4 = { 0 }, v6 = { 0 }, none = { 0 }, pointer = { 0 }, info = { 0 };
	struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC };
	unsigned char address[] = { 10, 1, 2, 3 };
	char name[64];

	snprintf(name, sizeof(name), "h%03u.corpus", round % 100);
	ares_gethostbyname(channel, name, AF_INET, on_host, &v4);
	ares_gethostbyname(channel, name, AF_INET6, on_host, &v6);
	wait_for(channel, &v4);
	wait_for(channel, &v6);
	count_check(v4.status == ARES_SUCCESS && v4.count == 2 && v4.last % 100 == round % 100);
	count_check(v6.status == ARES_SUCCESS && v6.count == 2 && v6.last % 100 == round % 100);
	ares_gethostbyname(channel, "none.corpus", AF_INET, on_host, &none);
	wait_for(channel, &none);
	count_check(none.status == ARES_ENOTFOUND);
	ares_gethostbyaddr(channel, address, sizeof(address), AF_INET, on_host, &pointer);
	wait_for(channel, &pointer);
	count_check(pointer.status == ARES_SUCCESS && !strcmp(pointer.name, "pointer.corpus"));
	ares_getaddrinfo(channel, name, "80", &hints, on_info, &info);
	wait_for(channel, &info);
	count_check(info.status == ARES_SUCCESS && info.count >= 2);
}

static void texts(void)
{
	unsigned char bytes[16];
	char text[64];

	count_check(ares_inet_pton(AF_INET6, "fd00::12:3", bytes) == 1 &&
		    ares_inet_ntop(AF_INET6, bytes, text, sizeof(text)) &&
		    !strcmp(text, "fd00::12:3"));
	count_check(ares_inet_pton(AF_INET, "10.20.30.40", bytes) == 1 && bytes[2] == 30);
	count_check(ares_inet_pton(AF_INET6, "fd00::12::3", bytes) == 0);
}

static void work(int number)
{
	struct ares_options options = { .flags = ARES_FLAG_NOALIASES, .timeout = 5000, .tries = 3 };
	ares_channel channel;

	count_require(ares_init_options(&channel, &options,
					ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) ==
		      ARES_SUCCESS);
	count_require(ares_set_servers_ports_csv(channel, server_address) == ARES_SUCCESS);
	count_check(ares_set_sortlist(channel, "10.1.2.0/24 10.0.0.0/255.0.0.0 fd00::/8") ==
		    ARES_SUCCESS);
	for (unsigned i = 0; i < 20 && count_running(); i++)
		look_up(channel, i * 7 + (unsigned)number);
	texts();
	ares_destroy(channel);
}

int main(int argc, char **argv)
{
	count_require(argc == 2);
	count_require(ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS);
	start_server();
	return count_run(argv[1], 3, work);
}
