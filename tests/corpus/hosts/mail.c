// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mail.c - the other end of a mail proxy: an SMTP server that takes every command.
 *
 *	mail PORT
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static void *serve(void *argument)
{
	FILE *in = fdopen((int)(intptr_t)argument, "r");
	FILE *out = in ? fdopen(dup(fileno(in)), "w") : NULL;
	char line[1024];

	if (!in || !out)
		exit(2);
	setlinebuf(out);
	fputs("220 ready\r\n", out);
	while (fgets(line, sizeof(line), in)) {
		if (!strncasecmp(line, "QUIT", 4)) {
			fputs("221 bye\r\n", out);
			break;
		}
		fputs("250 ok\r\n", out);
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
		perror("mail");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd))
			return 2;
		pthread_detach(thread);
	}
	return 2;
}
