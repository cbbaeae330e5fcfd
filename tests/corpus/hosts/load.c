// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * load.c - clients of a server that send what a script says and verify every reply.
 *
 *	load COUNTS CONNECTIONS tcp:PORT|udp:PORT|unix:PATH SCRIPT
 *
 * The script, one step a line; the text begins after the word and one space:
 *	send TEXT	send it
 *	expect TEXT	the next bytes received are these
 *	file PATH	the next bytes received are those of the file
 *	until TEXT	receive up to and with this
 *	loop		from here on again and again; what is before is done once per connection. Without
 *			it each round has a connection of its own
 * In TEXT \r \n \t \\ \xHH are escapes; %c is the number of the connection in three digits, %n that of
 * the round in six, %% a percent sign. Over UDP each "send" is one datagram, each "until" or "expect"
 * looks for its text in the one that comes back. A round is one operation; an error ends the
 * connection, and another one is opened.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "count.h"

#define STEPS_MAX 512
#define BUFFER_SIZE (1 << 16)
#define TIMEOUT_S 10

enum step_kind { STEP_SEND, STEP_EXPECT, STEP_FILE, STEP_UNTIL };

struct step {
	enum step_kind kind;
	char *text; /* as in the script; of a file its bytes */
	size_t length; /* of a file */
	int line;
};

struct client {
	int number;
	int fd;
	unsigned round;
	char have[BUFFER_SIZE];
	size_t length;
};

static struct step steps[STEPS_MAX];
static int n_steps, loop_step = -1; /* -1: a connection is a round */
static const char *where;
static bool datagrams;

/* --- the script --- */

static void read_whole_file(struct step *step, const char *path)
{
	struct stat status;
	FILE *file = fopen(path, "re");

	count_require(file && !fstat(fileno(file), &status));
	step->length = (size_t)status.st_size;
	step->text = malloc(step->length + 1);
	count_require(step->text && fread(step->text, 1, step->length, file) == step->length);
	fclose(file);
}

static void read_line(char *line, int number)
{
	static const char *const words[] = { "send ", "expect ", "file ", "until " };
	struct step *step = &steps[n_steps];

	line[strcspn(line, "\n")] = '\0';
	if (!*line || *line == '#')
		return;
	if (!strcmp(line, "loop")) {
		loop_step = n_steps;
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i]);

		if (strncmp(line, words[i], length) != 0)
			continue;
		count_require(n_steps < STEPS_MAX);
		*step = (struct step){ .kind = (enum step_kind)i, .line = number };
		if (step->kind == STEP_FILE)
			read_whole_file(step, line + length);
		else
			step->text = strdup(line + length);
		n_steps++;
		return;
	}
	fprintf(stderr, "load: line %d: no such step: %s\n", number, line);
	exit(2);
}

static void read_script(const char *path)
{
	char *line = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "re");

	count_require(file);
	for (int number = 1; getline(&line, &size, file) >= 0; number++)
		read_line(line, number);
	free(line);
	fclose(file);
	count_require(loop_step < n_steps);
}

static const char *expand_escape(const char *in, char *out)
{
	char hex[3] = { 0 };

	switch (*in) {
	case 'r':
		*out = '\r';
		return in + 1;
	case 'n':
		*out = '\n';
		return in + 1;
	case 't':
		*out = '\t';
		return in + 1;
	case 'x':
		count_require(in[1] && in[2]);
		memcpy(hex, in + 1, 2);
		*out = (char)strtoul(hex, NULL, 16);
		return in + 3;
	default:
		*out = *in;
		return in + 1;
	}
}

/* The text of a step as this client sends or expects it. Its length. */
static size_t expand(const struct client *client, const char *in, char *out)
{
	char *start = out;

	while (*in) {
		if (*in == '\\') {
			in = expand_escape(in + 1, out++);
		} else if (in[0] == '%' && in[1] == 'c') {
			out += sprintf(out, "%03d", client->number);
			in += 2;
		} else if (in[0] == '%' && in[1] == 'n') {
			out += sprintf(out, "%06u", client->round % 1000000);
			in += 2;
		} else {
			in += in[0] == '%' && in[1] == '%';
			*out++ = *in++;
		}
	}
	return (size_t)(out - start);
}

/* --- the connection --- */

static int connect_inet(int type, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), one = 1;

	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static int connect_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool client_open(struct client *client)
{
	struct timeval timeout = { .tv_sec = TIMEOUT_S };

	if (!strncmp(where, "unix:", 5))
		client->fd = connect_unix(where + 5);
	else
		client->fd = connect_inet(datagrams ? SOCK_DGRAM : SOCK_STREAM, atoi(where + 4));
	client->length = 0;
	if (client->fd < 0) {
		count_error("connection %d: cannot connect: %m", client->number);
		return false;
	}
	setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	return true;
}

static bool client_send(struct client *client, const char *text, size_t length)
{
	while (length) {
		ssize_t done = send(client->fd, text, length, MSG_NOSIGNAL);

		if (done <= 0)
			return false;
		text += done;
		length -= (size_t)done;
	}
	return true;
}

/* More bytes at the end of client->have; a datagram takes the place of the one before. */
static bool client_receive(struct client *client)
{
	ssize_t done;

	if (datagrams)
		client->length = 0;
	if (client->length == BUFFER_SIZE)
		return false;
	do
		done = recv(client->fd, client->have + client->length, BUFFER_SIZE - client->length,
			    0);
	while (done < 0 && errno == EINTR);
	if (done <= 0)
		return false;
	client->length += (size_t)done;
	return true;
}

static void client_consume(struct client *client, size_t length)
{
	if (datagrams)
		return;
	memmove(client->have, client->have + length, client->length - length);
	client->length -= length;
}

static bool client_until(struct client *client, const char *text, size_t length)
{
	const char *found;

	while (!(found = memmem(client->have, client->length, text, length))) {
		if (datagrams || !client_receive(client))
			return false;
	}
	client_consume(client, (size_t)(found - client->have) + length);
	return true;
}

static bool client_expect(struct client *client, const char *text, size_t length)
{
	while (length) {
		size_t part = length < client->length ? length : client->length;

		if (memcmp(client->have, text, part) != 0)
			return false;
		client_consume(client, part);
		text += part;
		length -= part;
		if (length && !client_receive(client))
			return false;
	}
	return true;
}

static bool client_step(struct client *client, const struct step *step)
{
	char text[BUFFER_SIZE];
	size_t length;

	if (step->kind == STEP_FILE)
		return client_expect(client, step->text, step->length);
	length = expand(client, step->text, text);
	switch (step->kind) {
	case STEP_SEND:
		if (!client_send(client, text, length))
			return false;
		return !datagrams || client_receive(client);
	case STEP_UNTIL:
		return client_until(client, text, length);
	default:
		return datagrams ? client_until(client, text, length) :
				   client_expect(client, text, length);
	}
}

static void explain(const struct client *client, const struct step *step)
{
	char seen[256];
	size_t length = client->length < 200 ? client->length : 200, i;

	for (i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)client->have[i];

		seen[i] = (char)(byte >= ' ' && byte < 127 ? byte : '.');
	}
	seen[i] = '\0';
	count_error("connection %d, round %u, line %d of the script: \"%.200s\" (%m); received: "
		    "\"%s\"",
		    client->number, client->round, step->line,
		    step->kind == STEP_FILE ? "file" : step->text, seen);
}

/* From one step to another; false: the connection is of no more use. */
static bool client_steps(struct client *client, int from, int to)
{
	for (int i = from; i < to; i++) {
		errno = 0;
		if (!client_step(client, &steps[i])) {
			explain(client, &steps[i]);
			return false;
		}
	}
	return true;
}

static void work(int number)
{
	static _Thread_local unsigned round;
	struct client *client = calloc(1, sizeof(*client));

	client->number = number;
	client->round = round;
	if (client_open(client)) {
		bool again = loop_step >= 0;
		bool good = client_steps(client, 0, again ? loop_step : n_steps);

		while (good && count_running()) {
			if (again)
				good = client_steps(client, loop_step, n_steps);
			if (good)
				count_ok();
			client->round++;
			good = good && again;
		}
		close(client->fd);
	}
	round = client->round;
	free(client);
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fputs("usage: load COUNTS CONNECTIONS tcp:PORT|udp:PORT|unix:PATH SCRIPT\n",
		      stderr);
		return 2;
	}
	where = argv[3];
	datagrams = !strncmp(where, "udp:", 4);
	read_script(argv[4]);
	return count_run(argv[1], atoi(argv[2]), work);
}
