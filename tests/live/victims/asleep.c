// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * asleep.c - many threads asleep in one kind of system call each, which see if anything disturbs them.
 *
 *	sleep KIND N	N more threads, in epoll_wait, futex, read, nanosleep, poll, semop; with
 *			"-timed" epoll_wait and poll have a timeout that they never reach
 *	disturbed	how often a call ended that should not have: any error, EINTR above all
 *	call		answer() of the main thread
 *	wake		all get up and call answer(); the sum of what they got
 *
 * The main thread waits in a call that cannot be restarted: one of the others is borrowed.
 */
#define VICTIM_KEEP_MAIN
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include "victim.h"

#define HOUR_MS 3600000
#define THREADS_MAX 2048

static int event_pipe[2], epoll_fd, semaphores;
static uint32_t futex_word;
static volatile int one = 1;
static bool awake;
static long asleep, disturbed, sum;
static pthread_t threads[THREADS_MAX];
static int count;

ENTRY int answer(void)
{
	return one;
}

static bool ready_event(int timeout_ms)
{
	struct epoll_event event;

	return epoll_wait(epoll_fd, &event, 1, timeout_ms) == 1;
}

static bool sleep_epoll_wait(void)
{
	return ready_event(-1);
}

static bool sleep_epoll_wait_timed(void)
{
	return ready_event(HOUR_MS);
}

static bool sleep_futex(void)
{
	return syscall(SYS_futex, &futex_word, FUTEX_WAIT_PRIVATE, 0, NULL) == 0;
}

/* Reads nothing away: a pipe is readable for all when its writing end is closed. */
static bool sleep_read(void)
{
	char byte;

	return read(event_pipe[0], &byte, 1) == 0;
}

/* Sleeps are short, so that they end by themselves; none may be shorter than it was meant to be. */
static bool sleep_nanosleep(void)
{
	const struct timespec time = { .tv_nsec = 300000000 };
	struct timespec start, end;

	while (!__atomic_load_n(&awake, __ATOMIC_SEQ_CST)) {
		clock_gettime(CLOCK_MONOTONIC, &start);
		if (nanosleep(&time, NULL))
			return false;
		clock_gettime(CLOCK_MONOTONIC, &end);
		if ((end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec <
		    time.tv_nsec)
			return false;
	}
	return true;
}

static bool ready_poll(int timeout_ms)
{
	struct pollfd fd = { .fd = event_pipe[0], .events = POLLIN };

	return poll(&fd, 1, timeout_ms) == 1;
}

static bool sleep_poll(void)
{
	return ready_poll(-1);
}

static bool sleep_poll_timed(void)
{
	return ready_poll(HOUR_MS);
}

static bool sleep_semop(void)
{
	struct sembuf take = { .sem_op = -1 };

	return semop(semaphores, &take, 1) == 0;
}

static void *run(void *argument)
{
	bool (*doze)(void) = (bool (*)(void))argument;

	victim_count(&asleep);
	while (!doze() || !__atomic_load_n(&awake, __ATOMIC_SEQ_CST)) {
		if (__atomic_load_n(&awake, __ATOMIC_SEQ_CST))
			break;
		victim_count(&disturbed);
	}
	__atomic_add_fetch(&sum, answer(), __ATOMIC_SEQ_CST);
	return NULL;
}

static void do_sleep(const char *argument)
{
	static const struct {
		const char *name;
		bool (*doze)(void);
	} kinds[] = {
		{ "epoll_wait", sleep_epoll_wait }, { "epoll_wait-timed", sleep_epoll_wait_timed },
		{ "futex", sleep_futex },	    { "read", sleep_read },
		{ "nanosleep", sleep_nanosleep },   { "poll", sleep_poll },
		{ "poll-timed", sleep_poll_timed }, { "semop", sleep_semop },
	};
	const char *number = strchr(argument, ' ');

	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
		if (!number || strncmp(argument, kinds[kind].name, (size_t)(number - argument)) ||
		    strlen(kinds[kind].name) != (size_t)(number - argument))
			continue;
		for (int more = atoi(number); more > 0 && count < THREADS_MAX; more--)
			threads[count++] = victim_thread(run, (void *)kinds[kind].doze);
	}
	victim_await(&asleep, count);
	say("%d", count);
}

static void do_disturbed(const char *argument)
{
	(void)argument;
	say("%ld", __atomic_load_n(&disturbed, __ATOMIC_SEQ_CST));
}

static void do_call(const char *argument)
{
	(void)argument;
	say("%d", answer());
}

static void do_wake(const char *argument)
{
	struct sembuf give = { .sem_op = THREADS_MAX };

	(void)argument;
	__atomic_store_n(&awake, true, __ATOMIC_SEQ_CST);
	__atomic_store_n(&futex_word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &futex_word, FUTEX_WAKE_PRIVATE, THREADS_MAX, NULL);
	close(event_pipe[1]);
	semop(semaphores, &give, 1);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	say("%ld", sum);
}

int main(void)
{
	static const struct victim_command commands[] = {
		{ "sleep", do_sleep },
		{ "disturbed", do_disturbed },
		{ "call", do_call },
		{ "wake", do_wake },
		{},
	};
	struct epoll_event event = { .events = EPOLLIN };

	/* semaphores outlive a process that is killed, unless their namespace ends with it */
	if (unshare(CLONE_NEWIPC))
		return 2;
	epoll_fd = epoll_create1(0);
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	if (pipe(event_pipe) || epoll_fd < 0 || semaphores < 0 ||
	    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, event_pipe[0], &event))
		return 2;
	return victim_run(commands);
}
