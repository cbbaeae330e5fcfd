/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nudge.h"

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <errno.h>

#include "alloc.h"
#include "proc.h"
#include "slow.h"
#include "sys.h"
#include "task.h"

/* far from both ends, where programs and libraries take theirs */
#define FIRST_SIGNAL 57
#define LAST_SIGNAL 40

/* the kernel's struct sigaction */
struct action {
	void (*handler)(int, void *, void *);
	unsigned long flags;
	const void *restorer;
	uint64_t mask;
};

/* the kernel's struct sigevent and struct itimerspec */
struct event {
	uint64_t value;
	int32_t signal, notify, tid, unused[11];
};
struct timer_spec {
	int64_t interval_s, interval_ns, value_s, value_ns;
};

/* One that runs on the processor time of a task. */
struct timer {
	struct timer *next;
	int64_t tid;
	int32_t id;
};

static struct timer *timers;
static int nudge_signal; /* 0: not installed */
static bool was_used;

static int get_action(int signal, struct action *action)
{
	return (int)lp_sys(__NR_rt_sigaction, signal, 0, action, 8);
}

static int set_action(int signal, const struct action *action)
{
	return (int)lp_sys(__NR_rt_sigaction, signal, action, 0, 8);
}

static bool is_ours(int signal)
{
	struct action now;

	return signal && get_action(signal, &now) == 0 && now.handler == lp_slow_signal;
}

/* The first signal whose disposition is the default one: nobody handles or ignores it. */
static int install(void)
{
	struct action ours = {
		.handler = lp_slow_signal,
		.flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK | 0x04000000, /* SA_RESTORER */
		.restorer = lp_slow_restorer,
		.mask = ~0ull,
	};
	struct action now;

	for (int signal = FIRST_SIGNAL; signal >= LAST_SIGNAL; signal--) {
		if (get_action(signal, &now) < 0 || now.handler)
			continue;
		if (set_action(signal, &ours) < 0)
			return -EBUSY;
		nudge_signal = signal;
		was_used = true;
		return 0;
	}
	return -EBUSY;
}

/* A task with other system call filters than the agent's thread might be killed in the handler. */
static bool has_other_filters(int64_t tid)
{
	uint64_t own, its;

	return lp_proc_filters(lp_sys(__NR_gettid), &own) < 0 || lp_proc_filters(tid, &its) < 0 ||
	       own != its;
}

bool lp_nudge_is_blocked(int64_t tid)
{
	uint64_t blocked;
	int signal = nudge_signal ? nudge_signal : FIRST_SIGNAL;

	return (lp_proc_blocked_signals(tid, &blocked) == 0 && (blocked >> (signal - 1) & 1)) ||
	       has_other_filters(tid);
}

/*
 * A signal that is simply sent may reach the task on its way into a system call, which then returns
 * EINTR. A timer on the task's own processor time only runs out while it has a processor, and the
 * kernel sends the signal when the task is about to be in user mode
 * (CONFIG_POSIX_CPU_TIMERS_TASK_WORK, always on for x86-64 since 5.10): no call is interrupted.
 */
static int timer_create(int64_t tid, int32_t *id)
{
	/* MAKE_THREAD_CPUCLOCK(tid, CPUCLOCK_SCHED) of linux/posix-timers.h */
	const int32_t clock = (int32_t)(~(uint32_t)tid << 3 | 4 | 2);
	struct event event = { .signal = nudge_signal,
			       .notify = 4 /* SIGEV_THREAD_ID */,
			       .tid = (int32_t)tid };

	return (int)lp_sys(__NR_timer_create, clock, &event, id);
}

/* -ESRCH: the task it was made for has ended */
static int timer_start(int32_t id)
{
	const struct timer_spec at_once = { .value_ns = 1 };

	return (int)lp_sys(__NR_timer_settime, id, 0, &at_once, 0);
}

static void timer_destroy(struct timer **link)
{
	struct timer *timer = *link;

	*link = timer->next;
	lp_sys(__NR_timer_delete, timer->id);
	lp_free(timer);
}

static int timer_restart(int64_t tid)
{
	struct timer **link = &timers;

	while (*link && (*link)->tid != tid)
		link = &(*link)->next;
	if (!*link)
		return -ENOENT;
	if (timer_start((*link)->id) == 0)
		return 0;
	timer_destroy(link);
	return -ENOENT;
}

/* Not started. */
static int timer_add(int64_t tid)
{
	struct timer *timer = lp_alloc(sizeof(*timer));
	int r;

	if (!timer)
		return -ENOMEM;
	r = timer_create(tid, &timer->id);
	if (r < 0) {
		lp_free(timer);
		return r;
	}
	timer->tid = tid;
	timer->next = timers;
	timers = timer;
	return 0;
}

void lp_nudge_end(void)
{
	while (timers)
		timer_destroy(&timers);
}

/* The handler is in force. */
static int make_ready(void)
{
	if (is_ours(nudge_signal))
		return 0;
	lp_nudge_end(); /* they would send another signal */
	return install();
}

void lp_nudge_prepare(int64_t tid)
{
	if (!lp_nudge_is_blocked(tid) && make_ready() == 0)
		(void)timer_add(tid);
}

int lp_nudge_task(int64_t tid)
{
	int r = 0;

	if (timer_restart(tid) == 0)
		return 0;
	r = lp_nudge_is_blocked(tid) ? -EAGAIN : make_ready();
	if (r < 0)
		return r;
	r = timer_add(tid);
	if (r == 0)
		r = timer_restart(tid);
	if (r == 0 || r == -ESRCH || r == -ENOENT)
		return r;
	return (int)lp_sys(__NR_tgkill, lp_sys(__NR_getpid), tid, nudge_signal);
}

void lp_nudge_deinit(void)
{
	struct action action = { .handler = (void (*)(int, void *, void *))1 }; /* SIG_IGN */

	lp_nudge_end();
	if (is_ours(nudge_signal)) {
		/* ignoring a signal throws away those that are pending anywhere, blocked or not */
		set_action(nudge_signal, &action);
		action.handler = 0;
		set_action(nudge_signal, &action);
	}
	nudge_signal = 0;
}

/*
 * SIGKILL and SIGSTOP are never blocked. 32 and 33 are blocked in the handler, but not by a thread that
 * blocks "all" signals by way of glibc, which keeps these two for itself.
 */
#define ALWAYS_OPEN (1ull << 8 | 1ull << 18)

bool lp_nudge_in_handler(void)
{
	struct lp_tids tids = { 0 };
	bool found = false;

	if (!was_used)
		return false;
	if (lp_tids_list(&tids) < 0)
		found = true;
	for (size_t i = 0; i < tids.count && !found; i++) {
		uint64_t blocked;

		if (lp_proc_blocked_signals(tids.items[i], &blocked) == 0)
			found = (blocked | ALWAYS_OPEN) == ~0ull;
	}
	lp_tids_deinit(&tids);
	return found;
}
