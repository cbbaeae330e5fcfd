// SPDX-License-Identifier: LGPL-2.1-or-later
/* nap.c - see nap.h. */
#define _GNU_SOURCE
#include "nap.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

const char *const nap_names[NAP_COUNT] = { "nanosleep", "epoll_wait", "futex",
					   "read",	"poll",	      "semop" };

static int fed[2], silent[2]; /* pipes: one that is written to, one that is not */
static int epoll, semaphores;

static void need(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(VICTIM_BROKEN);
}

void nap_init(void)
{
	struct epoll_event event = { .events = EPOLLIN };

	need(!pipe(fed) && !pipe(silent), "pipe");
	epoll = epoll_create1(0);
	need(epoll >= 0 && !epoll_ctl(epoll, EPOLL_CTL_ADD, silent[0], &event), "epoll");
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	need(semaphores >= 0, "semget");
	/* it goes with the last process that could know it; the driver removes it if we are killed */
	board->semaphores = semaphores + 1;
}

void nap_feed(void)
{
	const struct timespec pause = { .tv_nsec = 2000000 };

	for (;;) {
		nanosleep(&pause, NULL);
		if (write(fed[1], "", 1) < 0)
			break;
	}
	need(false, "write");
}

static long futex_wait(const struct timespec *time)
{
	static uint32_t nobody_wakes;

	return syscall(SYS_futex, &nobody_wakes, FUTEX_WAIT_PRIVATE, 0, time, NULL, 0);
}

/* time NULL: for ever */
static long sleep_once(enum nap_kind kind, const struct timespec *time)
{
	int ms = time ? (int)(time->tv_nsec / 1000000) + 1 : -1;
	const struct timespec ever = { .tv_sec = 1000000 };
	struct pollfd poller = { .fd = silent[0], .events = POLLIN };
	struct sembuf take = { .sem_op = -1 };
	struct epoll_event event;
	char byte;

	switch (kind) {
	case NAP_NANOSLEEP:
		return nanosleep(time ? time : &ever, NULL);
	case NAP_EPOLL:
		return epoll_wait(epoll, &event, 1, ms);
	case NAP_FUTEX:
		return futex_wait(time);
	case NAP_READ:
		return read(time ? fed[0] : silent[0], &byte, 1);
	case NAP_POLL:
		return poll(&poller, 1, ms);
	default:
		return semtimedop(semaphores, &take, 1, time);
	}
}

static void sleep_checked(enum nap_kind kind, const struct timespec *time)
{
	self.naps++;
	if (sleep_once(kind, time) >= 0 || errno != EINTR || self.has_signals)
		return;
	__atomic_fetch_add(&board->interrupted, 1, __ATOMIC_SEQ_CST);
	violation("EINTR in %s", nap_names[kind]);
}

void nap(enum nap_kind kind, unsigned int us)
{
	const struct timespec time = { .tv_nsec = us * 1000l };

	sleep_checked(kind, &time);
}

void nap_for_ever(enum nap_kind kind)
{
	for (;;)
		sleep_checked(kind, NULL);
}
