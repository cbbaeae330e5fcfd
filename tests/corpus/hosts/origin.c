// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * origin.c - a small HTTP server for clients and proxies to be tried with: a thread per connection,
 * which is kept.
 *
 *	origin PORT
 *
 * /moved/X is redirected to /X, /cookie/X sets a cookie, /cookies tells which were sent, /user wants
 * a password and tells it, /big is 200000 bytes, /chunks/X comes in chunks; all others are greeted
 * by their path. A body that is sent is received and counted.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define BIG_SIZE 200000

struct request {
	char method[16], path[1024], cookies[1024], authorization[1024];
	long length;
	bool close;
};

/* After "Name: ", or NULL. */
static const char *header_value(const char *line, const char *name)
{
	size_t length = strlen(name);

	if (strncasecmp(line, name, length) != 0 || line[length] != ':')
		return NULL;
	return line + length + 1 + strspn(line + length + 1, " ");
}

static void read_header(struct request *request, char *line)
{
	const char *value;

	line[strcspn(line, "\r\n")] = '\0';
	value = header_value(line, "Cookie");
	if (value)
		snprintf(request->cookies, sizeof(request->cookies), "%s", value);
	value = header_value(line, "Authorization");
	if (value)
		snprintf(request->authorization, sizeof(request->authorization), "%s", value);
	value = header_value(line, "Content-Length");
	if (value)
		request->length = atol(value);
	value = header_value(line, "Connection");
	if (value && !strncasecmp(value, "close", 5))
		request->close = true;
}

static bool read_request(FILE *stream, struct request *request)
{
	char line[4096], version[16];

	memset(request, 0, sizeof(*request));
	if (!fgets(line, sizeof(line), stream) ||
	    sscanf(line, "%15s %1023s %15s", request->method, request->path, version) != 3)
		return false;
	request->close = !strcmp(version, "HTTP/1.0");
	while (fgets(line, sizeof(line), stream) && *line != '\r' && *line != '\n')
		read_header(request, line);
	for (long i = 0; i < request->length; i++) {
		if (getc(stream) == EOF)
			return false;
	}
	return !ferror(stream);
}

static void reply(FILE *stream, const struct request *request, const char *status,
		  const char *headers, const char *body, size_t length)
{
	fprintf(stream, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n%s\r\n", status, headers, length,
		request->close ? "Connection: close\r\n" : "");
	if (strcmp(request->method, "HEAD") != 0)
		fwrite(body, 1, length, stream);
}

static void reply_chunks(FILE *stream, const struct request *request)
{
	fprintf(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (const char *c = request->path + strlen("/chunks/"); *c; c++)
		fprintf(stream, "1\r\n%c\r\n", *c);
	fputs("0\r\n\r\n", stream);
}

static void answer(FILE *stream, const struct request *request)
{
	static char big[BIG_SIZE];
	char headers[1200] = "", body[4096];
	const char *path = request->path;
	int length;

	if (!strncmp(path, "/moved/", 7)) {
		snprintf(headers, sizeof(headers), "Location: %s\r\n", path + 6);
		reply(stream, request, "302 Found", headers, "", 0);
	} else if (!strncmp(path, "/chunks/", 8)) {
		reply_chunks(stream, request);
	} else if (!strcmp(path, "/big")) {
		memset(big, 'x', sizeof(big));
		reply(stream, request, "200 OK", "", big, sizeof(big));
	} else if (!strcmp(path, "/user") && !*request->authorization) {
		reply(stream, request, "401 Unauthorized",
		      "WWW-Authenticate: Basic realm=\"origin\"\r\n", "", 0);
	} else {
		if (!strncmp(path, "/cookie/", 8))
			snprintf(headers, sizeof(headers), "Set-Cookie: %s; Path=/\r\n", path + 8);
		length = snprintf(body, sizeof(body), "%s %s %ld%s%s", request->method, path,
				  request->length,
				  !strcmp(path, "/cookies") ? request->cookies : "",
				  !strcmp(path, "/user") ? request->authorization : "");
		reply(stream, request, "200 OK", headers, body, (size_t)length);
	}
	fflush(stream);
}

static void *serve(void *argument)
{
	int fd = (int)(intptr_t)argument;
	FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
	struct request request;

	if (!in || !out)
		exit(2);
	while (read_request(in, &request)) {
		answer(out, &request);
		if (request.close)
			break;
	}
	fclose(out);
	fclose(in);
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, fd;

	address.sin_port = htons((uint16_t)atoi(argc == 2 ? argv[1] : "0"));
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 64)) {
		perror("origin");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		pthread_t thread;

		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd))
			return 2;
		pthread_detach(thread);
	}
	return 2;
}
