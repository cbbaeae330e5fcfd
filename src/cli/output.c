// SPDX-License-Identifier: LGPL-2.1-or-later
/* output.c - see output.h. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hint.h"
#include "output.h"

/*
 * How many bytes at text are one character that may be shown; 0: it is a control character, or a byte
 * that is one (U+0080 to U+009F) where the terminal does not know UTF-8. Other bytes of names that are
 * not UTF-8 are let through, one by one.
 */
static size_t shown_length(const char *text)
{
	unsigned char first = (unsigned char)text[0], second = first ? (unsigned char)text[1] : 0;
	size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;

	if (first < 0x20 || (first >= 0x7f && first < 0xa0))
		return 0;
	for (size_t i = 1; i < length; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 1;
	/* longer than it need be: another way to say the same */
	if ((first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90))
		return 1;
	return first == 0xc2 && second < 0xa0 ? 0 : length;
}

void lp_output_text(FILE *stream, const char *text)
{
	while (*text) {
		size_t length = shown_length(text);

		if (length)
			fwrite(text, 1, length, stream);
		else
			putc('?', stream);
		/* U+0080 to U+009F are of two bytes, in UTF-8 */
		text += length ? length : (unsigned char)*text == 0xc2 ? 2 : 1;
	}
}

void lp_output_line(pid_t pid, const char *comm, const char *format, ...)
{
	char *sentence;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&sentence, format, arguments) < 0)
		sentence = NULL;
	va_end(arguments);
	printf("%d ", (int)pid);
	lp_output_text(stdout, comm);
	fputs(": ", stdout);
	lp_output_text(stdout, sentence ? sentence : "out of memory");
	putchar('\n');
	free(sentence);
	fflush(stdout);
}

/* JSON escapes what is below 0x20 only; it is UTF-8, and all of this is in strings. */
static void put_json(const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == 0x7f)
			fputs("\\u007f", stdout);
		else if (c == 0xc2 && (unsigned char)text[1] < 0xa0)
			printf("\\u%04x", (unsigned char)*++text);
		else
			putchar(c);
	}
	putchar('\n');
}

static void print_json(json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	put_json(text ? text :
			"{\"error\":{\"reason\":\"no-memory\",\"message\":\"out of memory\"}}");
	fflush(stdout);
	free(text);
	json_decref(object);
}

/* Names of processes and files need not be UTF-8; JSON does. */
static json_t *text_json(const char *text)
{
	json_t *string = json_string(text);
	char *ascii;

	if (string)
		return string;
	ascii = strdup(text);
	for (char *c = ascii; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	string = json_string(ascii ? ascii : "");
	free(ascii);
	return string;
}

static json_t *about(pid_t pid, const char *comm)
{
	json_t *object = json_object();

	if (pid)
		json_object_set_new(object, "pid", json_integer(pid));
	if (comm)
		json_object_set_new(object, "comm", text_json(comm));
	return object;
}

void lp_output_json(pid_t pid, const char *comm, const json_t *body)
{
	json_t *object = about(pid, comm);

	/* What the target says of itself never replaces what we know. */
	json_object_update_missing(object, (json_t *)body);
	print_json(object);
}

/* problem: the object of a reply, NULL: none. */
static void print_problem(pid_t pid, const char *message, const char *details, const char *reason,
			  const json_t *problem)
{
	char *hint = lp_hint_about(pid, reason, lp_reply_string(problem, "function"));

	fflush(stdout);
	fputs("suture: ", stderr);
	if (pid)
		fprintf(stderr, "%d: ", (int)pid);
	lp_output_text(stderr, message);
	lp_output_text(stderr, details);
	fputs(" (", stderr);
	lp_output_text(stderr, reason);
	fputs(")\n", stderr);
	if (hint) {
		fputs("  hint: ", stderr);
		lp_output_text(stderr, hint);
		fputc('\n', stderr);
	}
	free(hint);
}

void lp_output_error(bool json, pid_t pid, const char *reason, const char *message)
{
	json_t *object, *problem;

	if (!json) {
		print_problem(pid, message, "", reason, NULL);
		return;
	}
	object = about(pid, NULL);
	problem = json_object();
	json_object_set_new(problem, "reason", text_json(reason));
	json_object_set_new(problem, "message", text_json(message));
	json_object_set_new(object, "error", problem);
	print_json(object);
}

/* What a reason names and its message does not say yet. */
static void append_detail(char *details, size_t size, const json_t *reason, const char *key)
{
	const char *value = lp_reply_string(reason, key);
	size_t length = strlen(details);

	if (*value && !strstr(lp_reply_string(reason, "message"), value))
		snprintf(details + length, size - length, "%s %s %s", length ? "," : ":", key,
			 value);
}

static void append_error(char *details, size_t size, const json_t *reason)
{
	size_t length = strlen(details);

	if (lp_reply_integer(reason, "error"))
		snprintf(details + length, size - length, "%s error %lld", length ? "," : ":",
			 lp_reply_integer(reason, "error"));
}

static void print_reason(pid_t pid, const json_t *reason)
{
	const char *message = lp_reply_string(reason, "message");
	const char *word = lp_reply_string(reason, "reason");
	char details[1024] = "";

	append_detail(details, sizeof(details), reason, "function");
	append_detail(details, sizeof(details), reason, "object");
	append_detail(details, sizeof(details), reason, "patch");
	append_detail(details, sizeof(details), reason, "callback");
	append_error(details, sizeof(details), reason);
	print_problem(pid, *message ? message : "refused", details, *word ? word : "none", reason);
}

bool lp_output_refusal(bool json, pid_t pid, const json_t *reply)
{
	const json_t *reasons = json_object_get(reply, "reasons"), *reason;
	json_t *object;
	size_t i;

	if (!json_array_size(reasons))
		return false;
	if (!json) {
		json_array_foreach(reasons, i, reason)
			print_reason(pid, reason);
		return true;
	}
	object = about(pid, NULL);
	json_object_set(object, "reasons", (json_t *)reasons);
	print_json(object);
	return true;
}

const char *lp_output_colour(enum lp_colour colour)
{
	static const char *const sequences[] = {
		[LP_COLOUR_NONE] = "\033[0m",
		[LP_COLOUR_GOOD] = "\033[32m",
		[LP_COLOUR_WAITING] = "\033[33m",
		[LP_COLOUR_BAD] = "\033[31m",
	};
	const char *off = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if ((off && *off) || !terminal || !strcmp(terminal, "dumb") || !isatty(STDOUT_FILENO))
		return "";
	return sequences[colour];
}

const char *lp_reply_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

long long lp_reply_integer(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}
