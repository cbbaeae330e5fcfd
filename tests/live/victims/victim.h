/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * victim.h - what the programs of the live cases share: one line in, one line out, until the input
 * ends. Every victim knows "ping". No stdio: see victim.c.
 */
#ifndef LIVE_VICTIM_H
#define LIVE_VICTIM_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* What is to be replaced: no caller knows anything about its inside. */
#ifdef __clang__
#define ENTRY __attribute__((noinline))
#else
#define ENTRY __attribute__((noipa))
#endif

struct victim_command {
	const char *name;
	void (*run)(const char *argument); /* what follows the name and a space, or "" */
};

__attribute__((format(printf, 1, 2))) static inline void say(const char *format, ...)
{
	char text[256];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text) - 1, format, arguments);
	va_end(arguments);
	text[length++] = '\n';
	if (write(STDOUT_FILENO, text, (size_t)length) != length)
		_exit(3);
}

/* A thread with a small stack, so that there may be thousands. */
static inline pthread_t victim_thread(void *(*run)(void *), void *argument)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 << 10);
	if (pthread_create(&thread, &attr, run, argument))
		_exit(4);
	pthread_attr_destroy(&attr);
	return thread;
}

/* sem_wait() that a signal does not end. */
static inline void victim_wait(sem_t *sem)
{
	while (sem_wait(sem) && errno == EINTR)
		;
}

/* Until *counter has come so far; other threads count it up. */
static inline void victim_await(const long *counter, long at_least)
{
	const struct timespec moment = { .tv_nsec = 200000 };

	while (__atomic_load_n(counter, __ATOMIC_SEQ_CST) < at_least)
		nanosleep(&moment, NULL);
}

static inline long victim_count(long *counter)
{
	return __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
}

/*
 * VICTIM_KEEP_MAIN: the reading thread sleeps in a call that must not be interrupted (preadv2 is not
 * among those that can be restarted), so that another thread has to be borrowed.
 */
static inline bool victim_byte(char *byte)
{
#ifdef VICTIM_KEEP_MAIN
	struct iovec iov = { byte, 1 };

	return preadv2(STDIN_FILENO, &iov, 1, -1, 0) == 1;
#else
	return read(STDIN_FILENO, byte, 1) == 1;
#endif
}

static inline bool victim_line(char *line, size_t size)
{
	for (size_t length = 0; length < size && victim_byte(line + length); length++)
		if (line[length] == '\n') {
			line[length] = '\0';
			return true;
		}
	return false;
}

static inline void victim_obey(const struct victim_command *commands, char *line)
{
	char *argument = strchr(line, ' ');

	if (argument)
		*argument++ = '\0';
	for (; commands->name; commands++)
		if (!strcmp(line, commands->name)) {
			commands->run(argument ? argument : "");
			return;
		}
	say("%s", strcmp(line, "ping") ? "unknown" : "pong");
}

/* Says "ready", then does what it is told. The array ends with an empty element. */
static inline int victim_run(const struct victim_command *commands)
{
	char line[256];
	void *volatile heap = malloc(1); /* as every real program has one: see inject.md */

	free(heap);
	say("ready");
	while (victim_line(line, sizeof(line)))
		victim_obey(commands, line);
	return 0;
}

#endif
