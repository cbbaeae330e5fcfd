// SPDX-License-Identifier: LGPL-2.1-or-later
/* client.c - see client.h. The protocol is that of suture/control.h. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "core/reason.h"
#include "inject/channel.h"

struct packet {
	struct suture_message header;
	char payload[SUTURE_INLINE_MAX];
};

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static int fail(struct lp_inject_error *error, int result, const char *what)
{
	error->reason = lp_reason_word(result == -ECONNRESET ? LP_REASON_NO_SUCH_PROCESS :
							       LP_REASON_SYSTEM);
	snprintf(error->message, sizeof(error->message), "%s: %s", what, strerror(-result));
	return result;
}

int lp_client_connect(struct lp_client *client, pid_t pid, struct lp_inject_error *error)
{
	int fd = lp_agent_connect(pid, error);

	if (fd < 0)
		return fd;
	*client = (struct lp_client){ .pid = pid, .fd = fd };
	return 0;
}

void lp_client_disconnect(struct lp_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}

static int pack_request(struct packet *packet, const struct lp_request *request)
{
	size_t string_size = request->string ? strlen(request->string) + 1 : 0;

	if (string_size > SUTURE_NAME_MAX + 1)
		return -ENAMETOOLONG;
	packet->header = (struct suture_message){
		.magic = SUTURE_CONTROL_MAGIC,
		.version = SUTURE_CONTROL_VERSION,
		.type = request->type,
		.length = (uint32_t)(request->payload_size + string_size),
	};
	if (request->payload_size)
		memcpy(packet->payload, request->payload, request->payload_size);
	if (string_size)
		memcpy(packet->payload + request->payload_size, request->string, string_size);
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* events: POLLIN, or POLLOUT */
static int wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd poller = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = deadline - now_ms();
		int ready = poll(&poller, 1, left > 0 ? (int)left : 0);

		if (ready > 0)
			return 0;
		if (ready == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

static int send_message(int fd, const struct msghdr *message, int64_t deadline)
{
	int result = 0;

	while (!result && sendmsg(fd, message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno == EAGAIN)
			result = wait_for(fd, POLLOUT, deadline);
		else if (errno != EINTR)
			result = errno == EPIPE ? -ECONNRESET : -errno;
	}
	return result;
}

static int send_packet(int fd, struct packet *packet, const struct lp_request *request,
		       int64_t deadline)
{
	union control control = { .bytes = { 0 } };
	struct iovec iov = { packet, sizeof(packet->header) + packet->header.length };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (request->has_fd) {
		struct cmsghdr *cmsg;

		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		cmsg = CMSG_FIRSTHDR(&message);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &request->fd, sizeof(int));
	}
	return send_message(fd, &message, deadline);
}

static int receive_packet(int fd, struct packet *packet, int *attached)
{
	union control control;
	struct iovec iov = { packet, sizeof(*packet) };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t got;

	*attached = -1;
	do
		got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	if (got == 0)
		return -ECONNRESET;
	*attached = lp_channel_take_fd(&message);
	if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || (size_t)got < sizeof(packet->header) ||
	    packet->header.magic != SUTURE_CONTROL_MAGIC ||
	    packet->header.version != SUTURE_CONTROL_VERSION ||
	    packet->header.length != (size_t)got - sizeof(packet->header))
		return -EPROTO;
	if (packet->header.status < LP_EXIT_DONE || packet->header.status > LP_EXIT_INCOMPLETE)
		return -EPROTO;
	return 0;
}

json_t *lp_reply_parse(const char *text, size_t length)
{
	json_t *json;

	if (!length)
		return json_object();
	json = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	if (json && !json_is_object(json)) {
		json_decref(json);
		return NULL;
	}
	return json;
}

/* Reads, never maps: the target could truncate the file while we look at it. */
static int read_attached(int fd, json_t **json)
{
	struct stat status;
	size_t size, done = 0;
	char *text;

	if (fstat(fd, &status))
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_size < 0 || status.st_size > LP_REPLY_TEXT_MAX)
		return -EPROTO;
	size = (size_t)status.st_size;
	text = malloc(size + 1);
	if (!text)
		return -ENOMEM;
	while (done < size) {
		ssize_t got = pread(fd, text + done, size - done, (off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	*json = done == size ? lp_reply_parse(text, size) : NULL;
	free(text);
	return *json ? 0 : -EPROTO;
}

static int receive_reply(int fd, struct packet *packet, struct lp_reply *reply)
{
	int attached, result;
	json_t *json = NULL;

	result = receive_packet(fd, packet, &attached);
	if (!result && attached >= 0) {
		result = packet->header.length ? -EPROTO : read_attached(attached, &json);
	} else if (!result) {
		json = lp_reply_parse(packet->payload, packet->header.length);
		result = json ? 0 : -EPROTO;
	}
	if (attached >= 0)
		close(attached);
	if (result)
		return result;
	*reply = (struct lp_reply){ .status = packet->header.status, .json = json };
	return 0;
}

int lp_client_request(struct lp_client *client, const struct lp_request *request,
		      struct lp_reply *reply, struct lp_inject_error *error)
{
	struct packet packet;
	int64_t deadline;
	int result;

	if (client->fd < 0)
		return fail(error, -ENOTCONN, "not connected to the agent");
	result = pack_request(&packet, request);
	if (result)
		return fail(error, result, "request");
	deadline = now_ms() + (request->timeout_ms ? request->timeout_ms : LP_REPLY_TIMEOUT_MS);
	result = send_packet(client->fd, &packet, request, deadline);
	if (!result)
		result = wait_for(client->fd, POLLIN, deadline);
	if (!result)
		result = receive_reply(client->fd, &packet, reply);
	if (!result)
		return 0;
	lp_client_disconnect(client);
	if (result == -ECONNRESET)
		return fail(error, result, "the process ended, or its agent did");
	return fail(error, result,
		    result == -EPROTO ? "the agent sent no valid reply" : "talking to the agent");
}
