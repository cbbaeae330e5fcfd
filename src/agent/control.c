/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "sys.h"

#define REQUEST_MAX 4096
#define CHECK_MS 2000

__attribute__((visibility("default"))) struct suture_agent suture_agent;

static struct lp_client clients[LP_CLIENTS_MAX];
static int own_end = -1;
static uint64_t own_ino;

static void close_fd(int fd)
{
	if (fd >= 0)
		lp_sys_raw(__NR_close, fd, 0, 0, 0, 0, 0);
}

static uint64_t inode_of(int fd)
{
	struct stat stat;

	return lp_sys(__NR_fstat, fd, &stat) == 0 && S_ISSOCK(stat.st_mode) ? stat.st_ino : 0;
}

static int publish(int agent_fd, int client_fd)
{
	own_end = agent_fd;
	own_ino = inode_of(agent_fd);
	if (!own_ino)
		return -EBADF;
	suture_agent.client_fd = client_fd;
	suture_agent.client_ino = inode_of(client_fd);
	suture_agent.pid = (int32_t)lp_sys(__NR_getpid);
	suture_agent.version = SUTURE_CONTROL_VERSION;
	suture_agent.tid = (int32_t)lp_sys(__NR_gettid);
	__atomic_store_n(&suture_agent.magic, SUTURE_AGENT_MAGIC, __ATOMIC_SEQ_CST);
	return 0;
}

int lp_control_init(int agent_fd, int client_fd)
{
	for (int i = 0; i < LP_CLIENTS_MAX; i++)
		clients[i].fd = -1;
	return publish(agent_fd, client_fd);
}

/* Closes an end only while it is ours: the program may have closed it, and reused the number. */
static void close_ours(int fd, uint64_t ino)
{
	if (ino && inode_of(fd) == ino)
		close_fd(fd);
}

/*
 * A program that closes descriptors it does not know closes the pair too. Then there is a new one;
 * clients look the number up anew.
 */
static void repair_pair(void)
{
	int pair[2];

	if (inode_of(own_end) == own_ino &&
	    inode_of(suture_agent.client_fd) == suture_agent.client_ino)
		return;
	close_ours(own_end, own_ino);
	close_ours(suture_agent.client_fd, suture_agent.client_ino);
	own_end = -1;
	own_ino = 0;
	suture_agent.client_ino = 0;
	if (lp_sys(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0)
		(void)publish(pair[0], pair[1]);
}

void lp_control_deinit(void)
{
	__atomic_store_n(&suture_agent.magic, 0, __ATOMIC_SEQ_CST);
	suture_agent.tid = 0;
	for (int i = 0; i < LP_CLIENTS_MAX; i++) {
		close_fd(clients[i].fd);
		clients[i].fd = -1;
	}
	close_ours(own_end, own_ino);
	close_ours(suture_agent.client_fd, suture_agent.client_ino);
	own_end = -1;
}

struct lp_client *lp_control_next(struct lp_client *client)
{
	client = client ? client + 1 : clients;
	while (client < clients + LP_CLIENTS_MAX && client->fd < 0)
		client++;
	return client < clients + LP_CLIENTS_MAX ? client : NULL;
}

static void drop(struct lp_client *client)
{
	close_fd(client->fd);
	client->fd = -1;
	client->wait_until_ns = 0;
}

/* One packet with at most one descriptor. Its size, 0: the other end is gone, or -errno. */
static long receive(int fd, uint8_t *packet, size_t size, int *attached)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct iovec iov = { packet, size };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	long n = lp_sys(__NR_recvmsg, fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *header;

	*attached = -1;
	if (n < 0)
		return n;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
		int fds[4], count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));

		memcpy(fds, CMSG_DATA(header), (size_t)count * sizeof(int));
		*attached = fds[0];
		for (int i = 1; i < count; i++)
			close_fd(fds[i]);
	}
	return message.msg_flags & MSG_TRUNC ? -EMSGSIZE : n;
}

static bool is_valid(const uint8_t *packet, long size)
{
	struct suture_message message;

	if (size < (long)sizeof(message))
		return false;
	memcpy(&message, packet, sizeof(message));
	return message.magic == SUTURE_CONTROL_MAGIC && message.version == SUTURE_CONTROL_VERSION &&
	       message.type >= SUTURE_HELLO && message.type < SUTURE_TYPE_COUNT &&
	       message.length == (uint32_t)(size - (long)sizeof(message));
}

static struct lp_client *add_client(int fd)
{
	for (int i = 0; i < LP_CLIENTS_MAX; i++)
		if (clients[i].fd < 0) {
			clients[i].fd = fd;
			clients[i].wait_until_ns = 0;
			return &clients[i];
		}
	return NULL;
}

/* On the published pair there is only HELLO, with the client's own connection. */
static void accept_client(void)
{
	uint8_t packet[sizeof(struct suture_message)];
	struct suture_message message;
	struct lp_json empty = { .text = "{}", .size = 2 };
	struct lp_client *client = NULL;
	int fd;
	long n = receive(own_end, packet, sizeof(packet), &fd);

	if (n > 0 && fd >= 0 && is_valid(packet, n)) {
		memcpy(&message, packet, sizeof(message));
		if (message.type == SUTURE_HELLO && inode_of(fd))
			client = add_client(fd);
	}
	if (client)
		lp_control_reply(client, SUTURE_HELLO, 0, &empty);
	else
		close_fd(fd);
}

static void serve_client(struct lp_client *client, lp_control_handler handler, void *context)
{
	static uint8_t packet[sizeof(struct suture_message) + REQUEST_MAX + 1];
	struct lp_request request = { .client = client };
	struct suture_message message;
	long n = receive(client->fd, packet, sizeof(packet) - 1, &request.fd);

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (!is_valid(packet, n)) {
		close_fd(request.fd);
		drop(client);
		return;
	}
	memcpy(&message, packet, sizeof(message));
	packet[n] = 0;
	request.type = message.type;
	request.payload = packet + sizeof(message);
	request.size = message.length;
	handler(context, &request);
	close_fd(request.fd);
}

void lp_control_wait(uint64_t timeout_ns, lp_control_handler handler, void *context)
{
	struct pollfd polls[LP_CLIENTS_MAX + 1];
	struct lp_client *served[LP_CLIENTS_MAX + 1];
	uint64_t ms = timeout_ns / 1000000 + (timeout_ns % 1000000 != 0);
	unsigned long count = 0;

	repair_pair();
	polls[count++] = (struct pollfd){ .fd = own_end, .events = POLLIN };
	for (struct lp_client *client = lp_control_next(NULL); client;
	     client = lp_control_next(client)) {
		served[count] = client;
		polls[count++] = (struct pollfd){ .fd = client->fd, .events = POLLIN };
	}
	if (lp_sys(__NR_poll, polls, count, ms > CHECK_MS ? CHECK_MS : (int)ms) <= 0)
		return;
	/* the number may mean another file by now */
	if (polls[0].revents && inode_of(own_end) == own_ino)
		accept_client();
	for (unsigned long i = 1; i < count; i++)
		if (polls[i].revents && served[i]->fd == polls[i].fd)
			serve_client(served[i], handler, context);
}

static int text_in_memfd(const struct lp_json *json)
{
	int fd = (int)lp_sys(__NR_memfd_create, "suture-reply", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < json->size) {
		long n = lp_sys(__NR_write, fd, json->text + done, json->size - done);

		if (n <= 0) {
			close_fd(fd);
			return -ENOMEM;
		}
		done += (size_t)n;
	}
	return fd;
}

static long send_packet(int fd, const struct suture_message *message, const struct lp_json *json,
			int attached)
{
	struct iovec iov[2] = { { (void *)message, sizeof(*message) },
				{ json->text, message->length } };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr out = { .msg_iov = iov, .msg_iovlen = message->length ? 2 : 1 };

	if (attached >= 0) {
		memset(&control, 0, sizeof(control));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &attached, sizeof(int));
		out.msg_control = &control;
		out.msg_controllen = sizeof(control);
	}
	return lp_sys(__NR_sendmsg, fd, &out, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void lp_control_reply(struct lp_client *client, enum suture_type type, int status,
		      const struct lp_json *json)
{
	struct suture_message message = {
		.magic = SUTURE_CONTROL_MAGIC,
		.version = SUTURE_CONTROL_VERSION,
		.type = (uint16_t)type,
		.length = json->size <= SUTURE_INLINE_MAX ? (uint32_t)json->size : 0,
		.status = status,
	};
	int attached = -1;
	long r = json->failed ? -ENOMEM : 0;

	if (r == 0 && json->size > SUTURE_INLINE_MAX)
		r = attached = text_in_memfd(json);
	if (r >= 0)
		r = send_packet(client->fd, &message, json, attached);
	close_fd(attached);
	if (r < 0)
		drop(client);
}
