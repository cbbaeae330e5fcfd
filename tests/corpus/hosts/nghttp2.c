// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nghttp2.c - threads that hold both ends of an HTTP/2 session each, with requests, bodies, pings,
 * resets and flow control, in memory.
 */
#include <nghttp2/nghttp2.h>

#include "count.h"

#define BODY_SIZE 40000
#define STREAMS 8

struct end {
	nghttp2_session *session;
	unsigned headers, pings, closed, resets;
	size_t body;
	bool wrong;
};

/* --- bodies --- */

static ssize_t read_body(nghttp2_session *session, int32_t stream, uint8_t *buffer, size_t length,
			 uint32_t *flags, nghttp2_data_source *source, void *user)
{
	size_t sent = (size_t)(uintptr_t)nghttp2_session_get_stream_user_data(session, stream);
	size_t left = BODY_SIZE - sent;

	(void)source;
	(void)user;
	if (length > left)
		length = left;
	memset(buffer, 'b', length);
	nghttp2_session_set_stream_user_data(session, stream, (void *)(uintptr_t)(sent + length));
	if (sent + length == BODY_SIZE)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)length;
}

static const nghttp2_data_provider body = { .read_callback = read_body };

/* --- what the ends are told --- */

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
		     size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags,
		     void *user)
{
	struct end *end = user;

	(void)session;
	(void)frame;
	(void)flags;
	end->headers++;
	if (name_length == 6 && !memcmp(name, "x-test", 6))
		end->wrong |= value_length != 12 || memcmp(value, "some of more", 12) != 0;
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
		   size_t length, void *user)
{
	struct end *end = user;

	(void)session;
	(void)flags;
	(void)stream;
	end->body += length;
	for (size_t i = 0; i < length; i++)
		end->wrong |= data[i] != 'b';
	return 0;
}

#define HEADER(name, value)                                                                        \
	{                                                                                          \
		(uint8_t *)(name), (uint8_t *)(value), sizeof(name) - 1, sizeof(value) - 1,        \
			NGHTTP2_NV_FLAG_NONE                                                       \
	}

static int on_server_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	static const nghttp2_nv headers[] = { HEADER(":status", "200"),
					      HEADER("content-type", "text/plain"),
					      HEADER("x-test", "some of more") };
	struct end *end = user;

	if (frame->hd.type == NGHTTP2_PING)
		end->pings++;
	if (frame->hd.type == NGHTTP2_RST_STREAM)
		end->resets++;
	if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
	    frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
		nghttp2_submit_response(session, frame->hd.stream_id, headers, 3, &body);
	return 0;
}

static int on_client_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct end *end = user;

	(void)session;
	if (frame->hd.type == NGHTTP2_PING)
		end->pings++;
	return 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t code, void *user)
{
	(void)session;
	(void)stream;
	(void)code;
	((struct end *)user)->closed++;
	return 0;
}

/* --- the ends --- */

static void open_end(struct end *end, bool server)
{
	nghttp2_session_callbacks *callbacks;
	nghttp2_option *option;

	memset(end, 0, sizeof(*end));
	nghttp2_session_callbacks_new(&callbacks);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, server ? on_server_frame :
										 on_client_frame);
	nghttp2_option_new(&option);
	nghttp2_option_set_max_reserved_remote_streams(option, 100);
	count_require(
		!(server ? nghttp2_session_server_new2(&end->session, callbacks, end, option) :
			   nghttp2_session_client_new2(&end->session, callbacks, end, option)));
	nghttp2_option_del(option);
	nghttp2_session_callbacks_del(callbacks);
	nghttp2_submit_settings(end->session, NGHTTP2_FLAG_NONE, NULL, 0);
}

/* What one end has to send, in pieces that do not end with a frame. */
static bool deliver(struct end *from, struct end *to, bool *moved)
{
	const uint8_t *data;
	ssize_t length;

	while ((length = nghttp2_session_mem_send(from->session, &data)) > 0) {
		*moved = true;
		for (ssize_t at = 0; at < length; at += 1000) {
			size_t piece = (size_t)(length - at < 1000 ? length - at : 1000);

			if (nghttp2_session_mem_recv(to->session, data + at, piece) !=
			    (ssize_t)piece)
				return false;
		}
	}
	return !length;
}

static bool exchange(struct end *client, struct end *server)
{
	for (bool moved = true; moved;) {
		moved = false;
		if (!deliver(client, server, &moved) || !deliver(server, client, &moved))
			return false;
	}
	return true;
}

static void submit(struct end *client, bool with_body)
{
	static const nghttp2_nv headers[] = {
		HEADER(":method", "POST"),	  HEADER(":scheme", "http"),
		HEADER(":authority", "host"),	  HEADER(":path", "/some/path"),
		HEADER("x-test", "some of more"), HEADER("accept", "*/*")
	};

	for (int i = 0; i < STREAMS; i++)
		nghttp2_submit_request(client->session, NULL, headers, 6, with_body ? &body : NULL,
				       NULL);
}

/* A request whose answer is not waited for. */
static void reset_one(struct end *client)
{
	static const nghttp2_nv headers[] = { HEADER(":method", "GET"), HEADER(":scheme", "http"),
					      HEADER(":authority", "host"),
					      HEADER(":path", "/reset") };
	int32_t stream = nghttp2_submit_request(client->session, NULL, headers, 4, &body, NULL);

	nghttp2_submit_rst_stream(client->session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
}

static void work(int number)
{
	struct end client, server;
	bool good;

	open_end(&client, false);
	open_end(&server, true);
	for (unsigned i = 1; i <= 50 && count_running(); i++) {
		submit(&client, (i + (unsigned)number) % 2);
		nghttp2_submit_ping(client.session, NGHTTP2_FLAG_NONE, NULL);
		if (i % 10 == 0)
			reset_one(&client);
		good = exchange(&client, &server);
		count_check(good && !client.wrong && !server.wrong);
		count_check(client.body == (size_t)i * STREAMS * BODY_SIZE && server.pings == i &&
			    client.pings == i);
	}
	nghttp2_submit_goaway(client.session, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, NULL, 0);
	count_check(exchange(&client, &server) && client.closed >= STREAMS);
	nghttp2_session_del(client.session);
	nghttp2_session_del(server.session);
}

int main(int argc, char **argv)
{
	count_require(argc == 2);
	return count_run(argv[1], 3, work);
}
