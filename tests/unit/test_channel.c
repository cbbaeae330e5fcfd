// SPDX-License-Identifier: LGPL-2.1-or-later
/* Packets to a process that is not trusted, or does not read: nothing blocks, nothing is left open. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inject/channel.h"
#include "inject/sys.h"

#define MANY 4 /* descriptors in one packet; there is room for two */
#define HANGS_S 20 /* of a call that must come back at once: the test is killed */

struct fixture {
	int ours, theirs;
};

static int setup(void **state)
{
	static struct fixture fixture;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -1;
	fixture = (struct fixture){ .ours = ends[0], .theirs = ends[1] };
	*state = &fixture;
	alarm(HANGS_S);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	alarm(0);
	close(fixture->ours);
	close(fixture->theirs);
	return 0;
}

static uint64_t in_ms(unsigned int ms)
{
	return lp_sys_now_ns() + ms * 1000000ull;
}

/* As many packets as there is room for: nobody reads. */
static void fill(int channel)
{
	char packet[4096] = { 0 };

	while (send(channel, packet, sizeof(packet), MSG_DONTWAIT) > 0)
		;
	while (send(channel, packet, 1, MSG_DONTWAIT) > 0)
		;
	assert_int_equal(errno, EAGAIN);
}

static void test_hello_to_one_that_does_not_read(void **state)
{
	struct fixture *fixture = *state;
	uint64_t start = lp_sys_now_ns();
	int refusal = 1;

	fill(fixture->ours);
	assert_int_equal(lp_channel_hello(fixture->ours, in_ms(100), &refusal), -ETIMEDOUT);
	assert_int_equal(refusal, 0);
	assert_true(lp_sys_now_ns() - start >= 100000000);
}

static void test_send_to_one_that_does_not_read(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture->ours);
	assert_int_equal(lp_channel_send(fixture->ours, "x", 1, NULL, 0), -ETIMEDOUT);
}

static void test_send_when_there_is_room_again(void **state)
{
	struct fixture *fixture = *state;
	char packet[4096];
	pid_t reader;

	fill(fixture->ours);
	reader = fork();
	if (!reader) {
		while (recv(fixture->theirs, packet, sizeof(packet), 0) > 0)
			;
		_exit(0);
	}
	assert_int_equal(lp_channel_send(fixture->ours, "x", 1, NULL, 0), 0);
	shutdown(fixture->ours, SHUT_WR);
	assert_int_equal(waitpid(reader, NULL, 0), reader);
}

static void test_not_such_a_socket(void **state)
{
	const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	int fds[8], n = 0, ends[2], refusal;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	fds[n++] = ends[0];
	fds[n++] = ends[1];
	for (int i = 0; i < 2; i++) {
		assert_int_equal(socketpair(AF_UNIX, types[i] | SOCK_CLOEXEC, 0, ends), 0);
		fds[n++] = ends[0];
		fds[n++] = ends[1];
	}
	fds[n++] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (int i = 0; i < n; i++) {
		assert_int_equal(lp_channel_hello(fds[i], in_ms(100), &refusal), -ENOTSOCK);
		assert_int_equal(lp_channel_send(fds[i], "x", 1, NULL, 0), -ENOTSOCK);
		close(fds[i]);
	}
}

/* One packet with so many descriptors, all of them `fd`. */
static void send_fds(int channel, int fd, size_t n_fds)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(MANY * sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec iov = { "x", 1 };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = CMSG_SPACE(n_fds * sizeof(int)) };

	control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(n_fds * sizeof(int)),
					   .cmsg_level = SOL_SOCKET,
					   .cmsg_type = SCM_RIGHTS };
	for (size_t i = 0; i < n_fds; i++)
		memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &fd, sizeof(fd));
	assert_int_equal(sendmsg(channel, &message, 0), 1);
}

static int count_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void test_more_descriptors_than_asked_for(void **state)
{
	struct fixture *fixture = *state;
	int fd, before = count_fds();
	char byte;

	for (size_t n = 1; n <= MANY; n++) {
		send_fds(fixture->theirs, fixture->theirs, n);
		assert_int_equal(lp_channel_receive(fixture->ours, &byte, 1, &fd, in_ms(1000)), 1);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
		assert_int_equal(count_fds(), before);
		send_fds(fixture->theirs, fixture->theirs, n);
		assert_int_equal(lp_channel_receive(fixture->ours, &byte, 1, NULL, in_ms(1000)), 1);
		assert_int_equal(count_fds(), before);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hello_to_one_that_does_not_read),
		TEST(test_send_to_one_that_does_not_read),
		TEST(test_send_when_there_is_room_again),
		TEST(test_not_such_a_socket),
		TEST(test_more_descriptors_than_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
