/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * count.h - a process that works for ever in several threads, verifies what it does, and tells the
 * counts in a file of one line, "OPERATIONS ERRORS". The first error is explained in FILE.error.
 *
 * For one source file only, which calls count_run() from main(). SIGTERM ends it: the threads come
 * to the end of an operation, and the exit status is 0 if there was no error.
 */
#ifndef LP_CORPUS_COUNT_H
#define LP_CORPUS_COUNT_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COUNT_THREADS_MAX 64
#define COUNT_REPORT_NS 20000000

static atomic_ullong count_operations, count_errors;
static atomic_bool count_stopping;
static const char *count_path;
static pthread_mutex_t count_lock = PTHREAD_MUTEX_INITIALIZER;

struct count_thread {
	pthread_t thread;
	int number;
	void (*work)(int number);
};

static inline bool count_running(void)
{
	return !count_stopping;
}

static inline void count_pause_us(long us)
{
	struct timespec time = { us / 1000000, us % 1000000 * 1000 };

	while (nanosleep(&time, &time) < 0 && errno == EINTR)
		;
}

/* One operation whose result was right. Other programs want the machine too. */
static inline void count_ok(void)
{
	count_operations++;
	count_pause_us(200);
}

__attribute__((format(printf, 1, 2))) static inline void count_error(const char *format, ...)
{
	char path[4096];
	va_list args;
	FILE *file;

	pthread_mutex_lock(&count_lock);
	if (!count_errors++) {
		snprintf(path, sizeof(path), "%s.error", count_path);
		file = fopen(path, "we");
		if (file) {
			va_start(args, format);
			vfprintf(file, format, args);
			va_end(args);
			fputc('\n', file);
			fclose(file);
		}
	}
	pthread_mutex_unlock(&count_lock);
	count_pause_us(20000);
}

/* For what must hold before any work can begin. */
#define count_require(condition)                                                                   \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			exit(2);                                                                   \
		}                                                                                  \
	} while (0)

/* Counts one operation, right or wrong; the value of the condition. */
#define count_check(condition) count_result(condition, __FILE__, __LINE__, #condition)

static inline bool count_result(bool right, const char *file, int line, const char *text)
{
	if (right)
		count_ok();
	else
		count_error("%s:%d: not so: %s", file, line, text);
	return right;
}

static void *count_thread_run(void *argument)
{
	struct count_thread *thread = argument;

	while (count_running())
		thread->work(thread->number);
	return NULL;
}

/* Fixed width, so that a reader never sees the rest of an earlier line. */
static inline void count_report(int fd)
{
	char line[64];
	int length = snprintf(line, sizeof(line), "%020llu %020llu\n",
			      (unsigned long long)count_operations,
			      (unsigned long long)count_errors);

	if (pwrite(fd, line, (size_t)length, 0) != length)
		exit(2);
}

/* Calls work(number) again and again in each of so many threads, until SIGTERM. The exit status. */
static inline int count_run(const char *path, int threads, void (*work)(int number))
{
	static struct count_thread all[COUNT_THREADS_MAX];
	const struct timespec wait = { .tv_nsec = COUNT_REPORT_NS };
	sigset_t end;
	int fd;

	count_path = path;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	count_require(fd >= 0 && threads > 0 && threads <= COUNT_THREADS_MAX);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGINT);
	pthread_sigmask(SIG_BLOCK, &end, NULL);
	for (int i = 0; i < threads; i++) {
		all[i].number = i;
		all[i].work = work;
		count_require(!pthread_create(&all[i].thread, NULL, count_thread_run, &all[i]));
	}
	while (sigtimedwait(&end, NULL, &wait) < 0)
		count_report(fd);
	count_stopping = true;
	for (int i = 0; i < threads; i++)
		pthread_join(all[i].thread, NULL);
	count_report(fd);
	return count_errors ? 1 : 0;
}

#endif
