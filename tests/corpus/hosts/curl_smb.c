// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * curl_smb.c - an SMB server of one file, as much as a client of the old dialect needs that gets
 * it.
 *
 *	curl_smb PORT FILE
 *
 * Any share and any name is this file, any user may read it.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX 0x9000
#define PAYLOAD_MAX 0x8000
#define FILE_MAX (1 << 20)
#define HEADER_SIZE 36 /* with the four bytes of NetBIOS */
#define COMMAND_AT 8
#define STATUS_AT 9
#define TREE_AT 28
#define USER_AT 32
#define WORDS_AT 37 /* after their number */

enum command { READ = 0x2e, NEGOTIATE = 0x72, SETUP = 0x73, TREE_CONNECT = 0x75, CREATE = 0xa2 };

static unsigned char contents[FILE_MAX];
static uint32_t file_size;

static void put16(unsigned char *at, uint16_t value)
{
	value = htole16(value);
	memcpy(at, &value, sizeof(value));
}

static void put32(unsigned char *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
}

/* The part of the file that is asked for. Its length. */
static uint16_t put_contents(const unsigned char *request, unsigned char *reply, size_t data_at)
{
	uint32_t offset, length;

	memcpy(&offset, request + WORDS_AT + 6, sizeof(offset));
	offset = le32toh(offset);
	length = offset < file_size ? file_size - offset : 0;
	if (length > PAYLOAD_MAX)
		length = PAYLOAD_MAX;
	memcpy(reply + data_at, contents + offset, length);
	put16(reply + WORDS_AT + 10, (uint16_t)length);
	put16(reply + WORDS_AT + 12, (uint16_t)(data_at - 4));
	return (uint16_t)length;
}

/*
 * The length of the reply; words and bytes are those parts of a message that have numbers before
 * them.
 */
static size_t answer(const unsigned char *request, unsigned char *reply)
{
	uint16_t words = 0, bytes = 0;

	memset(reply, 0, MESSAGE_MAX);
	memcpy(reply, request, HEADER_SIZE);
	put32(reply + STATUS_AT, 0);
	switch ((enum command)request[COMMAND_AT]) {
	case NEGOTIATE:
		words = 17;
		reply[WORDS_AT + 33] = bytes = 8;
		memcpy(reply + WORDS_AT + 2 * words + 2, "challeng", bytes);
		break;
	case SETUP:
		put16(reply + USER_AT, 100);
		break;
	case TREE_CONNECT:
		put16(reply + TREE_AT, 7);
		break;
	case CREATE:
		words = 32;
		put16(reply + WORDS_AT + 5, 9);
		put32(reply + WORDS_AT + 55, file_size);
		break;
	case READ:
		words = 12;
		bytes = put_contents(request, reply, WORDS_AT + 2 * words + 2);
		break;
	}
	reply[HEADER_SIZE] = (unsigned char)words;
	put16(reply + WORDS_AT + 2 * words, bytes);
	return WORDS_AT + 2u * words + 2u + bytes;
}

static bool receive(int fd, unsigned char *at, size_t length)
{
	return recv(fd, at, length, MSG_WAITALL) == (ssize_t)length;
}

static void *serve(void *argument)
{
	unsigned char request[MESSAGE_MAX], reply[MESSAGE_MAX];
	int fd = (int)(intptr_t)argument;
	size_t length;

	while (receive(fd, request, 4)) {
		length = (size_t)(request[2] << 8 | request[3]);
		if (length + 4 < WORDS_AT || length + 4 > sizeof(request) ||
		    !receive(fd, request + 4, length))
			break;
		length = answer(request, reply);
		reply[2] = (unsigned char)((length - 4) >> 8);
		reply[3] = (unsigned char)(length - 4);
		if (send(fd, reply, length, MSG_NOSIGNAL) != (ssize_t)length)
			break;
	}
	close(fd);
	return NULL;
}

static bool read_file(const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	file_size = (uint32_t)fread(contents, 1, sizeof(contents), file);
	fclose(file);
	return file_size > 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, fd;

	if (argc != 3 || !read_file(argv[2])) {
		fputs("usage: curl_smb PORT FILE\n", stderr);
		return 2;
	}
	address.sin_port = htons((uint16_t)atoi(argv[1]));
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 64)) {
		perror("curl_smb");
		return 2;
	}
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		pthread_t thread;

		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd))
			return 2;
		pthread_detach(thread);
	}
	return 2;
}
