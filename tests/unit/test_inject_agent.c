/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The smallest agent there is, for test_inject: answers every request with status 0, leaves on
 * SUTURE_DETACH. Built as suture-agent-stub.so, so that its mapping has the name clients look for.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <suture/control.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_CLIENTS 8
#define EXPORT __attribute__((visibility("default")))

EXPORT struct suture_agent suture_agent;
static __thread long word __attribute__((tls_model("initial-exec")));

static int receive(int fd, struct suture_message *message, int *got)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = message, .iov_len = sizeof(*message) };
	struct msghdr header = { .msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);

	*got = -1;
	if (n > 0 && header.msg_controllen >= CMSG_LEN(sizeof(int)))
		memcpy(got, CMSG_DATA(&control.header), sizeof(int));
	return (int)n;
}

static void answer(int fd, int type)
{
	struct suture_message reply = { .magic = SUTURE_CONTROL_MAGIC,
					.version = SUTURE_CONTROL_VERSION,
					.type = (uint16_t)type };

	send(fd, &reply, sizeof(reply), MSG_NOSIGNAL);
}

/* Answers one client; true: it wants us to leave. */
static int serve(int *client)
{
	struct suture_message message = { 0 };
	int got;

	if (receive(*client, &message, &got) <= 0) {
		close(*client);
		*client = -1;
		return 0;
	}
	if (got >= 0)
		close(got);
	answer(*client, message.type);
	return message.type == SUTURE_DETACH;
}

static void welcome(int agent_fd, int *clients)
{
	struct suture_message message;
	int got;

	if (receive(agent_fd, &message, &got) <= 0 || got < 0)
		return;
	for (int i = 0; i < MAX_CLIENTS; i++) {
		if (clients[i] >= 0)
			continue;
		clients[i] = got;
		answer(got, message.type);
		return;
	}
	close(got);
}

static void loop(int agent_fd, int *clients)
{
	struct pollfd polls[MAX_CLIENTS + 1];

	for (;;) {
		polls[MAX_CLIENTS] = (struct pollfd){ .fd = agent_fd, .events = POLLIN };
		for (int i = 0; i < MAX_CLIENTS; i++)
			polls[i] = (struct pollfd){ .fd = clients[i], .events = POLLIN };
		if (poll(polls, MAX_CLIENTS + 1, -1) < 0)
			continue;
		if (polls[MAX_CLIENTS].revents)
			welcome(agent_fd, clients);
		for (int i = 0; i < MAX_CLIENTS; i++)
			if (polls[i].revents && serve(&clients[i]))
				return;
	}
}

EXPORT int suture_agent_run(const struct suture_start *start)
{
	int clients[MAX_CLIENTS];
	struct stat stat;

	memset(clients, -1, sizeof(clients));
	if (start->proc_fd >= 0)
		close(start->proc_fd);
	free(malloc(5000)); /* as dlopen does: must not leave an arena behind */
	word++;
	fstat(start->client_fd, &stat);
	suture_agent = (struct suture_agent){ .magic = SUTURE_AGENT_MAGIC,
					      .version = SUTURE_CONTROL_VERSION,
					      .pid = getpid(),
					      .tid = (int)syscall(SYS_gettid),
					      .client_fd = start->client_fd,
					      .client_ino = stat.st_ino };
	loop(start->agent_fd, clients);
	for (int i = 0; i < MAX_CLIENTS; i++)
		if (clients[i] >= 0)
			close(clients[i]);
	close(start->agent_fd);
	close(start->client_fd);
	return 0;
}
