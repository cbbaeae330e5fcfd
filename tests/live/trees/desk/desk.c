// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * desk.c - a server that answers on a local socket: one line in, one line out.
 *
 *	desk SOCKET		in the foreground
 *	desk SOCKET daemon	as a daemon, when it is ready
 *	desk SOCKET fork	one process more for each connection
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "price.h"

static void answer(int fd)
{
	char line[64] = "", text[64];
	ssize_t got = read(fd, line, sizeof(line) - 1);
	int size;

	if (got <= 0)
		return;
	size = snprintf(text, sizeof(text), "%d %d\n", price(atoi(line)), discount());
	if (write(fd, text, (size_t)size) != size)
		exit(3);
}

static int open_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 16)) {
		perror(path);
		exit(5);
	}
	return fd;
}

static void serve(int fd, int forking)
{
	int client = accept(fd, NULL, NULL);

	if (client < 0)
		return;
	if (!forking || !fork()) {
		answer(client);
		if (forking)
			_exit(0);
	}
	close(client);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

int main(int argc, char **argv)
{
	const char *how = argc > 2 ? argv[2] : "";
	void *volatile heap = malloc(1); /* a process that never allocates is no real one */
	int fd;

	free(heap);
	if (argc < 2)
		return 2;
	set_discount();
	fd = open_socket(argv[1]);
	if (!strcmp(how, "daemon") && daemon(1, 0))
		return 4;
	for (;;)
		serve(fd, !strcmp(how, "fork"));
}
