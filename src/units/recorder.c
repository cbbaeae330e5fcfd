/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * recorder.c - suture-recorder.so, for LD_PRELOAD in a build: writes down each run of a compiler
 * driver, and changes nothing in it. By the name of the program that runs, not of the command, so
 * that ccache, libtool and links to a compiler need no care. What a driver starts itself (cc1, or
 * a driver again for link time optimisation) is not recorded.
 *
 * A run that cannot be written down must not go on: a patch would lack it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder.h"

struct record {
	char *bytes;
	size_t size, capacity;
};

static void fail(const char *what)
{
	dprintf(STDERR_FILENO, "suture-recorder: %s: %s\n", what, strerror(errno));
	_exit(127);
}

static void add(struct record *record, const void *bytes, size_t size)
{
	if (record->capacity - record->size < size) {
		record->capacity = (record->capacity + size) * 2;
		record->bytes = realloc(record->bytes, record->capacity);
		if (!record->bytes)
			fail("no memory");
	}
	memcpy(record->bytes + record->size, bytes, size);
	record->size += size;
}

static void add_string(struct record *record, const char *string)
{
	add(record, string, strlen(string) + 1);
}

/* "x86_64-linux-gnu-gcc-12": what is left without target and version is a compiler's name */
static bool is_driver(const char *program)
{
	static const char *const names[] = { "cc", "gcc", "c++", "g++", "clang", "clang++" };
	const char *slash = strrchr(program, '/'), *start = slash ? slash + 1 : program;
	const char *end = start + strlen(start);

	while (end > start && strchr("0123456789.", end[-1]))
		end--;
	while (end > start && end[-1] == '-')
		end--;
	for (const char *at = start; at < end; at++)
		if (*at == '-')
			start = at + 1;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == (size_t)(end - start) &&
		    !strncmp(names[i], start, strlen(names[i])))
			return true;
	return false;
}

/* What a compiler heeds; the rest stays private. */
static bool is_heeded(const char *variable)
{
	static const char *const starts[] = {
		"PATH=",
		"PWD=",
		"CPATH=",
		"C_INCLUDE_PATH=",
		"CPLUS_INCLUDE_PATH=",
		"GCC_",
		"COMPILER_PATH=",
		"LIBRARY_PATH=",
		"SOURCE_DATE_EPOCH=",
		"LANG=",
		"LANGUAGE=",
		"LC_",
		"CCC_OVERRIDE_OPTIONS=",
		"TZ=",
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (!strncmp(variable, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static void add_response(struct record *record, const char *path)
{
	char bytes[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	ssize_t got;

	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
		add_string(record, "-");
	} else {
		add(record, "+", 1);
		while ((got = read(fd, bytes, sizeof(bytes))) > 0)
			add(record, bytes, strnlen(bytes, (size_t)got));
		if (got < 0)
			fail(path);
		add(record, "", 1);
	}
	if (fd >= 0)
		close(fd);
}

static void fill(struct record *record, const char *program, char **arguments, char **environment)
{
	struct lp_recorder_header header = { .magic = LP_RECORDER_MAGIC };
	char *cwd = getcwd(NULL, 0);

	if (!cwd)
		fail("getcwd");
	add(record, &header, sizeof(header));
	add_string(record, program);
	add_string(record, cwd);
	free(cwd);
	for (; arguments[header.n_arguments]; header.n_arguments++)
		add_string(record, arguments[header.n_arguments]);
	for (; *environment; environment++) {
		if (!is_heeded(*environment))
			continue;
		add_string(record, *environment);
		header.n_variables++;
	}
	for (; *arguments; arguments++) {
		if (**arguments != '@')
			continue;
		add_response(record, *arguments + 1);
		header.n_responses++;
	}
	header.size = (uint32_t)record->size;
	memcpy(record->bytes, &header, sizeof(header));
}

static void append(const char *log, const struct record *record)
{
	int fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		fail(log);
	errno = ENOSPC;
	if (write(fd, record->bytes, record->size) != (ssize_t)record->size)
		fail(log);
	close(fd);
}

static const char *variable(char **environment, const char *name)
{
	size_t length = strlen(name);

	for (; *environment; environment++)
		if (!strncmp(*environment, name, length) && (*environment)[length] == '=')
			return *environment + length + 1;
	return NULL;
}

__attribute__((constructor)) static void record(int count, char **arguments, char **environment)
{
	const char *log = variable(environment, LP_RECORDER_LOG);
	struct record record = { 0 };
	char program[4096];
	ssize_t length;
	int saved = errno;

	if (!log || !*log || count < 2 || variable(environment, "COLLECT_GCC") ||
	    !strncmp(arguments[1], "-cc1", 4))
		return;
	length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (length > 0) {
		program[length] = '\0';
		if (is_driver(program)) {
			fill(&record, program, arguments, environment);
			append(log, &record);
			free(record.bytes);
		}
	}
	errno = saved;
}
