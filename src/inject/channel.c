/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "channel.h"
#include "sys.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <suture/control.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FDS 2

/* Anything may be found at the number of a descriptor of somebody else's. */
static bool is_channel(int fd)
{
	int domain = 0, type = 0;
	socklen_t size = sizeof(int);

	return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) && domain == AF_UNIX &&
	       !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) && type == SOCK_SEQPACKET;
}

/* Never blocks for longer: the other end may have stopped reading. */
static int send_until(int channel, const struct msghdr *message, uint64_t deadline_ns)
{
	struct pollfd poll_fd = { .fd = channel, .events = POLLOUT };

	while (sendmsg(channel, message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -errno;
		if (!lp_sys_left_ms(deadline_ns))
			return -ETIMEDOUT;
		if (poll(&poll_fd, 1, lp_sys_left_ms(deadline_ns)) < 0 && errno != EINTR)
			return -errno;
	}
	return 0;
}

static int send_packet(int channel, struct iovec bytes, const int *fds, size_t n_fds,
		       uint64_t deadline_ns)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(MAX_FDS * sizeof(int))];
	} control = { 0 };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (!is_channel(channel))
		return -ENOTSOCK;
	if (n_fds) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, n_fds * sizeof(int));
	}
	return send_until(channel, &message, deadline_ns);
}

int lp_channel_send(int channel, const void *bytes, size_t size, const int *fds, size_t n_fds)
{
	return send_packet(channel, (struct iovec){ (void *)bytes, size }, fds, n_fds,
			   lp_sys_now_ns() + LP_SEND_MS * 1000000ull);
}

int lp_channel_take_fd(struct msghdr *message)
{
	struct cmsghdr *header;
	int taken = -1, fd;

	for (header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(fd) <= header->cmsg_len;
		     at += sizeof(fd)) {
			memcpy(&fd, (char *)header + at, sizeof(fd));
			if (taken < 0)
				taken = fd;
			else
				close(fd);
		}
	}
	return taken;
}

int lp_channel_receive(int channel, void *bytes, size_t size, int *fd, uint64_t deadline_ns)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct pollfd poll_fd = { .fd = channel, .events = POLLIN };
	struct iovec iov = { .iov_base = bytes, .iov_len = size };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n;
	int got;

	do
		n = poll(&poll_fd, 1, lp_sys_left_ms(deadline_ns));
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n ? -errno : -ETIMEDOUT;
	if (fd)
		*fd = -1;
	n = recvmsg(channel, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	got = lp_channel_take_fd(&message);
	if (fd)
		*fd = got;
	else if (got >= 0)
		close(got);
	return (int)n;
}

/* An agent that cannot work there says so on its own end, and ends. 0: it said nothing. */
static int last_words(int client_fd)
{
	struct suture_message message;
	ssize_t n = recv(client_fd, &message, sizeof(message), MSG_DONTWAIT);

	if (n < 0 && errno == ECONNRESET) /* it did not read all; what it said comes after that */
		n = recv(client_fd, &message, sizeof(message), MSG_DONTWAIT);
	return n == sizeof(message) && message.magic == SUTURE_CONTROL_MAGIC && message.status < 0 ?
		       message.status :
		       0;
}

int lp_channel_hello(int client_fd, uint64_t deadline_ns, int *refusal)
{
	struct suture_message message = { .magic = SUTURE_CONTROL_MAGIC,
					  .version = SUTURE_CONTROL_VERSION,
					  .type = SUTURE_HELLO };
	struct {
		struct suture_message message;
		char text[SUTURE_INLINE_MAX];
	} reply;
	int pair[2], result;

	if (refusal)
		*refusal = 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	result = send_packet(client_fd, (struct iovec){ &message, sizeof(message) }, &pair[1], 1,
			     deadline_ns);
	close(pair[1]);
	if (!result)
		result = lp_channel_receive(pair[0], &reply, sizeof(reply), NULL, deadline_ns);
	if (result >= (int)sizeof(message) && reply.message.magic == SUTURE_CONTROL_MAGIC &&
	    reply.message.version == SUTURE_CONTROL_VERSION && !reply.message.status)
		return pair[0];
	close(pair[0]);
	if (refusal)
		*refusal = last_words(client_fd);
	return result < 0 ? result : result ? -EPROTO : -ECONNREFUSED;
}
