// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sleepers.c - what a transition does to threads that sleep, and how long it takes.
 *
 *	sleepers eintr THREADS		asleep in epoll_wait, futex, nanosleep, read, poll, semop: was
 *					one of them woken, stopped, or told EINTR?
 *	sleepers transition THREADS	from the apply to the end, by the agent's log, beside reading
 *					/proc/self/task/TID/syscall of all of them once
 *	sleepers command THREADS	the whole apply command beside `true`
 */
#include "bench.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOUR 3600
#define STACK_SIZE (64 << 10)

static atomic_uint interrupted, returned;
static int endless[2], epoll, semaphore = -1;
static uint32_t futex_word;

/* The function that is patched. Nobody calls it while the threads sleep. */
__attribute__((noipa)) int version(void);
__attribute__((noipa)) int version(void)
{
	return 1;
}

/* --- the ways to sleep --- */

static long in_epoll_wait(void)
{
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, HOUR * 1000);
}

static long in_futex(void)
{
	return syscall(__NR_futex, &futex_word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static long in_nanosleep(void)
{
	return nanosleep(&(struct timespec){ .tv_sec = HOUR }, NULL);
}

static long in_read(void)
{
	char byte;

	return read(endless[0], &byte, 1);
}

static long in_poll(void)
{
	struct pollfd fd = { .fd = endless[0], .events = POLLIN };

	return poll(&fd, 1, HOUR * 1000);
}

static long in_semop(void)
{
	struct sembuf down = { .sem_op = -1 };

	return semop(semaphore, &down, 1);
}

static long (*const ways[])(void) = { in_epoll_wait, in_futex, in_nanosleep,
				      in_read,	     in_poll,  in_semop };

static void *sleep_on(void *way)
{
	for (;;) { /* until the process ends */
		long r = ways[(size_t)way]();

		returned++;
		if (r < 0 && errno == EINTR)
			interrupted++;
	}
	return NULL;
}

static void remove_semaphore(void)
{
	if (semaphore >= 0)
		semctl(semaphore, 0, IPC_RMID);
}

static bool start_sleepers(int count)
{
	struct epoll_event in = { .events = EPOLLIN };
	pthread_attr_t attr;
	pthread_t thread;

	epoll = epoll_create1(EPOLL_CLOEXEC);
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	if (pipe(endless) < 0 || epoll < 0 || semaphore < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, endless[0], &in) < 0)
		return false;
	atexit(remove_semaphore);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (int i = 0; i < count; i++)
		if (pthread_create(&thread, &attr, sleep_on,
				   (void *)(i % (sizeof(ways) / sizeof(ways[0])))) != 0)
			return false;
	return true;
}

/* --- looking at all tasks --- */

struct tasks {
	pid_t *tids;
	char *states;
	uint64_t *switches;
	size_t count;
};

static size_t read_file(pid_t tid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", (int)tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* All tasks but the calling one and the agent's. */
static void list_tasks(struct tasks *tasks, int capacity)
{
	DIR *dir = opendir("/proc/self/task");
	pid_t self = (pid_t)syscall(__NR_gettid);
	struct dirent *entry;
	char comm[32];

	tasks->count = 0;
	tasks->tids = calloc((size_t)capacity + 16, sizeof(*tasks->tids));
	tasks->states = calloc((size_t)capacity + 16, 1);
	tasks->switches = calloc((size_t)capacity + 16, sizeof(*tasks->switches));
	while (dir && (entry = readdir(dir)) && tasks->count < (size_t)capacity + 16) {
		pid_t tid = atoi(entry->d_name);

		if (!tid || tid == self || !read_file(tid, "comm", comm, sizeof(comm)) ||
		    strcmp(comm, "suture\n") == 0)
			continue;
		tasks->tids[tasks->count++] = tid;
	}
	if (dir)
		closedir(dir);
}

static char state_of(pid_t tid)
{
	char text[512], *end;

	read_file(tid, "stat", text, sizeof(text));
	end = strrchr(text, ')');
	return end ? end[2] : '?';
}

static uint64_t switches_of(pid_t tid)
{
	char text[4096], *at;
	uint64_t sum = 0;

	read_file(tid, "status", text, sizeof(text));
	for (at = text; (at = strstr(at, "voluntary_ctxt_switches:")); at++)
		sum += strtoull(strchr(at, ':') + 1, NULL, 10);
	return sum;
}

static bool all_asleep(const struct tasks *tasks)
{
	for (size_t i = 0; i < tasks->count; i++)
		if (state_of(tasks->tids[i]) != 'S')
			return false;
	return true;
}

static void wait_asleep(const struct tasks *tasks)
{
	uint64_t deadline = bench_now_ns() + 60000000000ull;

	while (!all_asleep(tasks))
		if (bench_now_ns() > deadline)
			bench_die("the threads do not go to sleep");
}

/* --- eintr --- */

static atomic_bool watching;
static atomic_uint stops, looks;

/* Looks all the time whether a task stands stopped. */
static void *watch(void *argument)
{
	const struct tasks *tasks = argument;

	while (watching)
		for (size_t i = 0; i < tasks->count && watching; i++) {
			char state = state_of(tasks->tids[i]);

			looks++;
			stops += state == 't' || state == 'T';
		}
	return NULL;
}

static void print_count(const char *name, const char *what, double value)
{
	bench_print(&(struct bench_figure){ .name = name,
					    .what = what,
					    .unit = "",
					    .value = value,
					    .goal = BENCH_VALUE,
					    .limit = 0 });
}

static unsigned int count_woken(const struct tasks *tasks)
{
	unsigned int woken = 0;

	for (size_t i = 0; i < tasks->count; i++)
		woken += switches_of(tasks->tids[i]) != tasks->switches[i];
	return woken;
}

static void measure_eintr(int count)
{
	int rounds = bench_rounds(5, 2);
	struct tasks tasks;
	pthread_t watcher;

	list_tasks(&tasks, count);
	wait_asleep(&tasks);
	bench_suture(NULL, "attach", NULL, NULL);
	for (size_t i = 0; i < tasks.count; i++)
		tasks.switches[i] = switches_of(tasks.tids[i]);
	watching = true;
	if (pthread_create(&watcher, NULL, watch, &tasks) != 0)
		bench_die("cannot start a thread");
	for (int i = 0; i < rounds; i++) {
		bench_apply("sleepers", NULL);
		bench_disable("sleepers");
	}
	watching = false;
	pthread_join(watcher, NULL);
	print_count("sleepers-woken", "sleeping threads that ran", count_woken(&tasks));
	bench_suture(NULL, "detach", NULL, NULL);
	print_count("sleepers-eintr", "sleeping threads that saw EINTR", interrupted);
	print_count("sleepers-returned", "system calls that returned", returned);
	print_count("sleepers-stopped", "times that one was seen stopped", stops);
	fprintf(stderr, "bench: %zu sleepers, %d patches in and out, looked %u times\n",
		tasks.count, rounds, looks);
}

/* --- transition --- */

/* How long something took, and the processor time of it: the machine may have other work. */
struct cost {
	double ms[18], cpu_ms[18];
	int count;
};

static double thread_cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* List them, and one after the other open, read, close: what anybody must do who looks at them. */
static void read_all(struct cost *cost)
{
	double cpu_ms = thread_cpu_ms();
	uint64_t start = bench_now_ns();
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	char text[256];

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			read_file(atoi(entry->d_name), "syscall", text, sizeof(text));
	if (dir)
		closedir(dir);
	cost->ms[cost->count] = (double)(bench_now_ns() - start) / 1e6;
	cost->cpu_ms[cost->count++] = thread_cpu_ms() - cpu_ms;
}

/* The processor time that the agent's thread has had. */
static double agent_cpu_ms(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	double ms = 0;
	char text[64];

	while (dir && (entry = readdir(dir)) && ms == 0) {
		pid_t tid = atoi(entry->d_name);

		if (tid && read_file(tid, "comm", text, sizeof(text)) &&
		    strcmp(text, "suture\n") == 0 &&
		    read_file(tid, "schedstat", text, sizeof(text)))
			ms = (double)strtoull(text, NULL, 10) / 1e6;
	}
	if (dir)
		closedir(dir);
	return ms;
}

/* All that the agent does for it, from the request on. */
static void change(struct cost *cost, bool apply)
{
	double cpu_ms = agent_cpu_ms();

	if (apply)
		bench_apply("sleepers", "--timeout=60s");
	else
		bench_disable("sleepers");
	cost->ms[cost->count] = bench_transition_ms();
	cost->cpu_ms[cost->count++] = agent_cpu_ms() - cpu_ms;
}

static void print_transition(int count, struct cost *took, struct cost *reading)
{
	size_t n = (size_t)took->count;
	double ms = bench_median(took->ms, n);
	char name[64], what[128];

	snprintf(name, sizeof(name), "transition-%d", count);
	snprintf(what, sizeof(what), "transition, %d threads asleep", count);
	bench_print(&(struct bench_figure){ .name = name,
					    .what = what,
					    .unit = "ms",
					    .value = ms,
					    .peer_what = "reading once",
					    .peer = bench_median(reading->ms, n),
					    .goal = count < 1000 ? BENCH_NONE : BENCH_RATIO,
					    .limit = 2 });
	snprintf(name, sizeof(name), "transition-%d-cpu", count);
	bench_print(&(struct bench_figure){ .name = name,
					    .what = "  processor time, all of it",
					    .unit = "ms",
					    .value = bench_median(took->cpu_ms, n),
					    .peer_what = "reading once",
					    .peer = bench_median(reading->cpu_ms, n),
					    .goal = BENCH_NONE });
	if (count == 1000)
		bench_print(&(struct bench_figure){ .name = "transition-1000-absolute",
						    .what = "  the time, in itself",
						    .unit = "ms",
						    .value = ms,
						    .goal = BENCH_VALUE,
						    .limit = 100 });
}

static void measure_transition(int count)
{
	struct cost took = { 0 }, reading = { 0 };
	int rounds = bench_rounds(9, 3);
	struct tasks tasks;

	list_tasks(&tasks, count);
	wait_asleep(&tasks);
	bench_suture(NULL, "attach", NULL, NULL);
	for (int i = 0; i < rounds; i++) {
		change(&took, true);
		read_all(&reading);
		change(&took, false);
		read_all(&reading);
	}
	bench_suture(NULL, "detach", NULL, NULL);
	print_transition(count, &took, &reading);
}

/* --- command --- */

static void measure_command(void)
{
	enum { MAX = 15 };
	double took[MAX], truth[MAX];
	const char *const argv[] = { "true", NULL };
	int rounds = bench_rounds(MAX, 5);

	bench_suture(NULL, "attach", NULL, NULL);
	for (int i = 0; i < rounds; i++) {
		uint64_t start = bench_now_ns(), middle;

		bench_run(NULL, argv);
		middle = bench_now_ns();
		bench_apply("sleepers", NULL);
		took[i] = (double)(bench_now_ns() - middle) / 1e6;
		truth[i] = (double)(middle - start) / 1e6;
		bench_disable("sleepers");
	}
	bench_suture(NULL, "detach", NULL, NULL);
	bench_print(&(struct bench_figure){ .name = "command-apply",
					    .what = "the apply command, agent present",
					    .unit = "ms",
					    .value = bench_median(took, (size_t)rounds),
					    .peer_what = "true",
					    .peer = bench_median(truth, (size_t)rounds),
					    .goal = BENCH_OVER,
					    .limit = 10 });
}

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[2]) : 0;
	char name[64];

	if (argc != 3 || count < 1)
		return 2;
	if (!start_sleepers(count)) {
		snprintf(name, sizeof(name), "%s-%d", argv[1], count);
		bench_skip(name, "the system does not allow that many threads");
	} else if (strcmp(argv[1], "eintr") == 0) {
		measure_eintr(count);
	} else if (strcmp(argv[1], "transition") == 0) {
		measure_transition(count);
	} else {
		measure_command();
	}
	exit(0);
}
