// SPDX-License-Identifier: LGPL-2.1-or-later
/* The client against an agent that is played here: what it sends, and every way a reply can be bad. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/client.h"

struct fixture {
	struct lp_client client;
	int agent; /* the other end */
	struct lp_inject_error error;
	struct lp_reply reply;
};

static int setup(void **state)
{
	static struct fixture fixture;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -1;
	fixture = (struct fixture){ .client = { getpid(), ends[0] }, .agent = ends[1] };
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	lp_client_disconnect(&fixture->client);
	if (fixture->agent >= 0)
		close(fixture->agent);
	return 0;
}

static struct suture_message header(size_t length, int status)
{
	return (struct suture_message){
		.magic = SUTURE_CONTROL_MAGIC,
		.version = SUTURE_CONTROL_VERSION,
		.type = SUTURE_STATUS,
		.length = (uint32_t)length,
		.status = status,
	};
}

/* With the descriptor so many times. */
static void send_fds(int agent, const void *bytes, size_t size, int fd, size_t n_fds)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec iov = { (void *)bytes, size };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n_fds) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		*CMSG_FIRSTHDR(&message) = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(n_fds * sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		};
		for (size_t i = 0; i < n_fds; i++)
			memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)) + i * sizeof(fd), &fd,
			       sizeof(fd));
	}
	assert_int_equal(sendmsg(agent, &message, 0), size);
}

static void send_bytes(int agent, const void *bytes, size_t size, int fd)
{
	send_fds(agent, bytes, size, fd, fd >= 0);
}

static void answer(struct fixture *fixture, struct suture_message message, const char *text, int fd)
{
	char packet[sizeof(message) + 8192];

	memcpy(packet, &message, sizeof(message));
	memcpy(packet + sizeof(message), text, strlen(text));
	send_bytes(fixture->agent, packet, sizeof(message) + strlen(text), fd);
}

static void answer_text(struct fixture *fixture, int status, const char *text)
{
	answer(fixture, header(strlen(text), status), text, -1);
}

/* The answer waits in the socket already: the request is sent, then the answer is read. */
static int ask(struct fixture *fixture)
{
	const struct lp_request request = {
		.type = SUTURE_STATUS,
		.string = "fix",
		.timeout_ms = 50,
	};

	return lp_client_request(&fixture->client, &request, &fixture->reply, &fixture->error);
}

static int memfd_of(const char *text)
{
	int fd = memfd_create("reply", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void expect_protocol_error(struct fixture *fixture)
{
	assert_int_equal(ask(fixture), -EPROTO);
	assert_string_equal(fixture->error.reason, "system");
	/* a late reply must not be taken for the next one */
	assert_int_equal(fixture->client.fd, -1);
	assert_int_equal(ask(fixture), -ENOTCONN);
}

static void test_request_layout(void **state)
{
	struct fixture *fixture = *state;
	const struct suture_disable payload = { .timeout_ms = 7, .on_timeout = SUTURE_FORCE_IT };
	const struct lp_request request = {
		.type = SUTURE_DISABLE,
		.payload = &payload,
		.payload_size = sizeof(payload),
		.string = "fix",
	};
	struct {
		struct suture_message header;
		struct suture_disable payload;
		char string[64];
	} got;

	answer_text(fixture, 0, "{}");
	assert_int_equal(
		lp_client_request(&fixture->client, &request, &fixture->reply, &fixture->error), 0);
	json_decref(fixture->reply.json);
	assert_int_equal(recv(fixture->agent, &got, sizeof(got), 0), 16 + sizeof(payload) + 4);
	assert_int_equal(got.header.magic, SUTURE_CONTROL_MAGIC);
	assert_int_equal(got.header.type, SUTURE_DISABLE);
	assert_int_equal(got.header.length, sizeof(payload) + 4);
	assert_int_equal(got.payload.timeout_ms, 7);
	assert_string_equal(got.string, "fix");
}

static void test_descriptor_travels(void **state)
{
	struct fixture *fixture = *state;
	int fd = memfd_of("patch");
	const struct lp_request request = { .type = SUTURE_APPLY, .fd = fd, .has_fd = true };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char bytes[64];
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int got;

	answer_text(fixture, 0, "{}");
	assert_int_equal(
		lp_client_request(&fixture->client, &request, &fixture->reply, &fixture->error), 0);
	json_decref(fixture->reply.json);
	assert_true(recvmsg(fixture->agent, &message, 0) > 0);
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(got));
	assert_int_equal(pread(got, bytes, sizeof(bytes), 0), 5);
	close(got);
	close(fd);
}

static void test_reply_inline(void **state)
{
	struct fixture *fixture = *state;

	answer_text(fixture, 1, "{\"reasons\":[]}");
	assert_int_equal(ask(fixture), 0);
	assert_int_equal(fixture->reply.status, 1);
	assert_non_null(json_object_get(fixture->reply.json, "reasons"));
	json_decref(fixture->reply.json);
}

static void test_reply_without_text_is_an_empty_object(void **state)
{
	struct fixture *fixture = *state;

	answer_text(fixture, 0, "");
	assert_int_equal(ask(fixture), 0);
	assert_int_equal(json_object_size(fixture->reply.json), 0);
	json_decref(fixture->reply.json);
}

static void test_reply_in_memfd(void **state)
{
	struct fixture *fixture = *state;
	int fd = memfd_of("{\"agent\":\"0.1.0\"}");

	answer(fixture, header(0, 0), "", fd);
	close(fd);
	assert_int_equal(ask(fixture), 0);
	assert_string_equal(json_string_value(json_object_get(fixture->reply.json, "agent")),
			    "0.1.0");
	json_decref(fixture->reply.json);
}

static int count_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void test_two_memfds(void **state)
{
	struct fixture *fixture = *state;
	struct suture_message message = header(0, 0);
	int before = count_fds(), fd = memfd_of("{}");

	send_fds(fixture->agent, &message, sizeof(message), fd, 2);
	close(fd);
	assert_int_equal(ask(fixture), 0);
	json_decref(fixture->reply.json);
	assert_int_equal(count_fds(), before);
}

static void test_memfd_besides_text(void **state)
{
	struct fixture *fixture = *state;
	int fd = memfd_of("{}");

	answer(fixture, header(2, 0), "{}", fd);
	close(fd);
	expect_protocol_error(fixture);
}

static void test_memfd_too_large(void **state)
{
	struct fixture *fixture = *state;
	int fd = memfd_of("{}");

	assert_int_equal(ftruncate(fd, LP_REPLY_TEXT_MAX + 1l), 0);
	answer(fixture, header(0, 0), "", fd);
	close(fd);
	expect_protocol_error(fixture);
}

static void test_descriptor_that_is_no_file(void **state)
{
	struct fixture *fixture = *state;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	answer(fixture, header(0, 0), "", ends[0]);
	close(ends[0]);
	close(ends[1]);
	expect_protocol_error(fixture);
}

static void test_bad_headers(void **state)
{
	for (int field = 0; field < 6; field++) {
		struct suture_message message = header(2, 0);

		if (field == 0)
			message.magic++;
		else if (field == 1)
			message.version++;
		else if (field == 2)
			message.length++;
		else if (field == 3)
			message.length = UINT32_MAX;
		else
			message.status = field == 4 ? -1 : 5;
		answer(*state, message, "{}", -1);
		expect_protocol_error(*state);
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
	}
}

static void test_short_packets(void **state)
{
	struct suture_message message = header(0, 0);

	for (size_t size = 1; size < sizeof(message); size++) {
		send_bytes(((struct fixture *)*state)->agent, &message, size, -1);
		expect_protocol_error(*state);
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
	}
}

static void test_packet_longer_than_the_inline_limit(void **state)
{
	struct fixture *fixture = *state;
	static char text[SUTURE_INLINE_MAX + 2];

	memset(text, ' ', sizeof(text) - 1);
	answer_text(fixture, 0, text);
	expect_protocol_error(fixture);
}

static void test_text_that_is_no_json_object(void **state)
{
	static const char *const texts[] = { "[]", "{", "1", "{\"a\":1,\"a\":2}", "{}x", "\xff" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		answer_text(*state, 0, texts[i]);
		expect_protocol_error(*state);
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
	}
}

static void test_no_reply(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(ask(fixture), -ETIMEDOUT);
	assert_int_equal(fixture->client.fd, -1);
}

static void test_agent_does_not_read(void **state)
{
	struct fixture *fixture = *state;
	char packet[4096] = { 0 };

	while (send(fixture->client.fd, packet, sizeof(packet), MSG_DONTWAIT) > 0)
		;
	while (send(fixture->client.fd, packet, 1, MSG_DONTWAIT) > 0)
		;
	alarm(20); /* for one that blocks */
	assert_int_equal(ask(fixture), -ETIMEDOUT);
	alarm(0);
	assert_int_equal(fixture->client.fd, -1);
}

static void test_agent_is_gone(void **state)
{
	struct fixture *fixture = *state;

	close(fixture->agent);
	fixture->agent = -1;
	assert_int_equal(ask(fixture), -ECONNRESET);
	assert_string_equal(fixture->error.reason, "no-such-process");
}

static void test_name_too_long(void **state)
{
	struct fixture *fixture = *state;
	char name[SUTURE_NAME_MAX + 2];
	const struct lp_request request = { .type = SUTURE_STATUS, .string = name };

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(lp_client_request(&fixture->client, &request, &fixture->reply,
					   &fixture->error),
			 -ENAMETOOLONG);
	assert_true(fixture->client.fd >= 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_request_layout),
		TEST(test_descriptor_travels),
		TEST(test_reply_inline),
		TEST(test_reply_without_text_is_an_empty_object),
		TEST(test_reply_in_memfd),
		TEST(test_two_memfds),
		TEST(test_memfd_besides_text),
		TEST(test_memfd_too_large),
		TEST(test_descriptor_that_is_no_file),
		TEST(test_bad_headers),
		TEST(test_short_packets),
		TEST(test_packet_longer_than_the_inline_limit),
		TEST(test_text_that_is_no_json_object),
		TEST(test_no_reply),
		TEST(test_agent_does_not_read),
		TEST(test_agent_is_gone),
		TEST(test_name_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
