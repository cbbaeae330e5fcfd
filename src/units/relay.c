/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay.h"

enum kind { REPORT, PROGRESS, RESULT };

/* Followed by two texts with their NULs. */
struct message {
	int32_t kind;
	int32_t value; /* severity; done; result */
	uint32_t total;
	uint32_t first_size; /* reason or phase; 0: none */
	uint32_t second_size; /* text; 0: none */
};

static void put(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size) {
		ssize_t written = write(fd, at, size);

		if (written < 0 && errno != EINTR)
			return;
		if (written > 0) {
			at += written;
			size -= (size_t)written;
		}
	}
}

static void send(int fd, struct message message, const char *first, const char *second)
{
	message.first_size = first ? (uint32_t)strlen(first) + 1 : 0;
	message.second_size = second ? (uint32_t)strlen(second) + 1 : 0;
	put(fd, &message, sizeof(message));
	put(fd, first, message.first_size);
	put(fd, second, message.second_size);
}

void lp_relay_report(int fd, enum lp_severity severity, const char *reason, const char *text)
{
	send(fd, (struct message){ .kind = REPORT, .value = severity }, reason, text);
}

void lp_relay_progress(int fd, const char *phase, unsigned int done, unsigned int total)
{
	send(fd, (struct message){ .kind = PROGRESS, .value = (int32_t)done, .total = total },
	     phase, NULL);
}

void lp_relay_result(int fd, int result)
{
	send(fd, (struct message){ .kind = RESULT, .value = result }, NULL, NULL);
}

static int get(int fd, void *bytes, size_t size)
{
	char *at = bytes;

	while (size) {
		ssize_t got = read(fd, at, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -EIO;
		at += got;
		size -= (size_t)got;
	}
	return 0;
}

static int get_text(int fd, size_t size, char **text)
{
	int err;

	*text = NULL;
	if (!size)
		return 0;
	*text = malloc(size);
	if (!*text)
		return -ENOMEM;
	err = get(fd, *text, size);
	(*text)[size - 1] = '\0';
	return err;
}

/* The words of refusals live as long as the program: what is reported may be kept. */
static const char *word_of(const char *reason)
{
	static const char *const words[] = { "compile-failed", "build-failed", "bad-patch",
					     "asm-changed" };

	for (size_t i = 0; reason && i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(reason, words[i]))
			return words[i];
	return reason ? "build-failed" : NULL;
}

static void call_back(const struct lp_units_options *options, const struct message *message,
		      const char *first, const char *second)
{
	if (message->kind == REPORT && options->report)
		options->report(options->context, (enum lp_severity)message->value, word_of(first),
				second ? second : "");
	if (message->kind == PROGRESS && options->progress)
		options->progress(options->context, first ? first : "",
				  (unsigned int)message->value, message->total);
}

int lp_relay_listen(int fd, const struct lp_units_options *options)
{
	for (;;) {
		char *first = NULL, *second = NULL;
		struct message message;
		int err = get(fd, &message, sizeof(message));

		err = err ? err : get_text(fd, message.first_size, &first);
		err = err ? err : get_text(fd, message.second_size, &second);
		if (!err)
			call_back(options, &message, first, second);
		free(first);
		free(second);
		if (err)
			return err;
		if (message.kind == RESULT)
			return message.value;
	}
}
