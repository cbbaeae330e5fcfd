/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tracer.h"
#include "task.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

struct tracer {
	int (*work)(void *context);
	void *context;
	int result;
	pid_t tid;
};

static void *trace(void *argument)
{
	struct tracer *tracer = argument;

	tracer->tid = gettid();
	tracer->result = tracer->work(tracer->context);
	return NULL;
}

/*
 * pthread_join() returns when the thread's stack may be used again; what it traced is let go some
 * steps of the kernel's later, none of which waits for anything. Before Linux 6.9 there is no
 * descriptor that tells.
 */
static void await_end(pid_t tid)
{
	struct lp_task_status status;

	while (!lp_task_status(tid, &status) && status.tgid == getpid() && status.state != 'Z' &&
	       status.state != 'X')
		sched_yield();
}

int lp_tracer_run(int (*work)(void *context), void *context)
{
	struct tracer tracer = { .work = work, .context = context };
	sigset_t child, before;
	pthread_t thread;
	int error;

	/* here too: a thread in which it is open would take it, and the tracer wait in vain */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &child, &before);
	error = pthread_create(&thread, NULL, trace, &tracer);
	if (!error) {
		pthread_join(thread, NULL);
		await_end(tracer.tid);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error ? -error : tracer.result;
}
