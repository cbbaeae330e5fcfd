/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hold.c - one task held for a moment, for an agent that cannot reach it. */
#include "error.h"
#include "inject.h"
#include "sys.h"
#include "task.h"
#include "tracee.h"
#include "tracer.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define HOLD_MS 2000 /* to get it stopped; a task in uninterruptible sleep does not stop */

static int check(pid_t pid, pid_t tid, struct lp_inject_error *error)
{
	struct lp_task_status status;

	if (lp_task_status(tid, &status) || status.tgid != pid)
		return lp_error_set(error, -ESRCH, "no-such-process", "process %d has no task %d",
				    pid, tid);
	if (status.tracer)
		return lp_error_set(error, -EBUSY, "traced",
				    "task %d is being traced by process %d", tid, status.tracer);
	return 0;
}

struct held {
	pid_t tid;
	int (*call)(void *context);
	void *context;
	struct lp_inject_error *error;
};

static int hold(void *context)
{
	struct held *held = context;
	struct lp_tracee tracee;
	int result = lp_tracee_attach(&tracee, held->tid, lp_sys_now_ns() + HOLD_MS * 1000000ull);

	if (result == -EPERM)
		return lp_error_set(held->error, -EACCES, "no-permission",
				    "task %d may not be traced", held->tid);
	if (!result) {
		result = lp_tracee_stop(&tracee);
		/* -EBUSY: the whole process is stopped; this task stands still as well */
		if (!result || result == -EBUSY)
			result = held->call(held->context);
		lp_tracee_detach(&tracee);
	}
	if (result)
		lp_error_set(held->error, result, "system", "task %d could not be held: %s",
			     held->tid, strerror(-result));
	return result;
}

/* Signals that usually stop or end a client wait until the task is free: it would stand still too. */
static void hold_signals(sigset_t *before)
{
	static const int held[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		sigaddset(&set, held[i]);
	pthread_sigmask(SIG_BLOCK, &set, before);
}

int lp_task_hold(pid_t pid, pid_t tid, int (*call)(void *context), void *context,
		 struct lp_inject_error *error)
{
	struct held held = { .tid = tid, .call = call, .context = context, .error = error };
	int result = check(pid, tid, error);
	sigset_t before;

	if (result)
		return result;
	hold_signals(&before);
	result = lp_tracer_run(hold, &held);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result;
}
