// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ssh2_keys.c - the "publickey" subsystem of an SSH server (RFC 4819) on standard input and
 * output: a list of keys that can be asked for, added to and removed from. Nothing of it outlives
 * the process.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REQUEST_MAX 8192
#define REPLY_MAX 16384 /* one piece of it must not become two on the way */
#define N_KEYS 12
#define N_ATTRIBUTES 3

static unsigned char reply[REPLY_MAX];
static size_t reply_size;
static unsigned added; /* more than are removed */

static void put_number(uint32_t number)
{
	number = htonl(number);
	memcpy(reply + reply_size, &number, sizeof(number));
	reply_size += sizeof(number);
}

static void put_string(const char *string)
{
	size_t length = strlen(string);

	put_number((uint32_t)length);
	memcpy(reply + reply_size, string, length);
	reply_size += length;
}

/* A packet begins; end_packet() takes what this returns. */
static size_t begin_packet(const char *type)
{
	size_t start = reply_size;

	put_number(0);
	put_string(type);
	return start;
}

static void end_packet(size_t start)
{
	uint32_t length = htonl((uint32_t)(reply_size - start - sizeof(length)));

	memcpy(reply + start, &length, sizeof(length));
}

static void put_status(void)
{
	size_t start = begin_packet("status");

	put_number(0);
	put_string("");
	put_string("en");
	end_packet(start);
}

static void put_key(unsigned number)
{
	size_t start = begin_packet("publickey");
	char text[32];

	put_string("ssh-rsa");
	snprintf(text, sizeof(text), "blob%u", number);
	put_string(text);
	put_number(number % 2 ? N_ATTRIBUTES : 0);
	for (unsigned i = 0; number % 2 && i < N_ATTRIBUTES; i++) {
		snprintf(text, sizeof(text), "name%u", i);
		put_string(text);
		snprintf(text, sizeof(text), "value%u", number * i);
		put_string(text);
	}
	end_packet(start);
}

static void put_version(void)
{
	size_t start = begin_packet("version");

	put_number(2);
	end_packet(start);
}

/* All of an answer is written at once. */
static bool answer(const char *type, size_t length)
{
	reply_size = 0;
	if (length == 7 && !memcmp(type, "version", length)) {
		put_version();
	} else if (length == 4 && !memcmp(type, "list", length)) {
		for (unsigned i = 0; i < N_KEYS + added; i++)
			put_key(i);
		put_status();
	} else if (length == 3 && !memcmp(type, "add", length)) {
		added++;
		put_status();
	} else if (length == 6 && !memcmp(type, "remove", length)) {
		added -= added > 0;
		put_status();
	} else {
		return false;
	}
	return write(STDOUT_FILENO, reply, reply_size) == (ssize_t)reply_size;
}

static uint32_t number_at(const unsigned char *at)
{
	uint32_t number;

	memcpy(&number, at, sizeof(number));
	return ntohl(number);
}

int main(void)
{
	unsigned char request[REQUEST_MAX];
	uint32_t length, type_length;

	while (fread(request, 4, 1, stdin) == 1) {
		length = number_at(request);
		if (length < 4 || length > sizeof(request) || fread(request, length, 1, stdin) != 1)
			return 1;
		type_length = number_at(request);
		if (type_length > length - 4 || !answer((char *)request + 4, type_length))
			return 1;
	}
	return 0;
}
