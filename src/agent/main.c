/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <suture/control.h>

#include "agent.h"
#include "alloc.h"
#include "attic.h"
#include "author.h"
#include "clock.h"
#include "control.h"
#include "grave.h"
#include "loaded.h"
#include "near.h"
#include "proc.h"
#include "request.h"
#include "shadow_host.h"
#include "stack.h"
#include "text.h"
#include "view.h"

#define EXPORT __attribute__((visibility("default")))
#define SWEEP_MIN_NS 1000000ull
#define SWEEP_MAX_NS 1000000000ull
#define CALLS_MIN_NS 1000000ull
#define CALLS_MAX_NS 2000000000ull
#define ALONE_NS 1000000000ull

static struct lp_agent agent;

/* The agent's own text, libc's, and where the main thread's stack is. */
static int find_places(void)
{
	uint64_t self = (uint64_t)(uintptr_t)&lp_slow_signal;
	size_t count;
	struct lp_object *objects = lp_objects_list(&count);

	if (!objects)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (self >= objects[i].text_lo && self < objects[i].text_hi) {
			agent.text_lo = objects[i].text_lo;
			agent.text_hi = objects[i].text_hi;
		}
		if (!strcmp(objects[i].soname, "libc.so.6")) {
			lp_libc_text_lo = objects[i].text_lo;
			lp_libc_text_hi = objects[i].text_hi;
		}
	}
	lp_free(objects);
	return agent.text_hi ? lp_proc_main_stack(&lp_stacks.main_lowest, &lp_stacks.main_end) :
			       -ENOTSUP;
}

/* A process that is not dumpable hides from itself where its tasks stand. */
static int may_see_tasks(void)
{
	char text[256];
	long n = lp_proc_read(lp_sys(__NR_gettid), "syscall", text, sizeof(text));

	return n < 0 ? (int)n : 0;
}

static int init(const struct suture_start *start)
{
	int r = lp_proc_init(start->proc_fd);

	if (r == 0) {
		lp_near_init(lp_proc_self_fd());
		r = lp_task_init();
	}
	if (r == 0)
		r = may_see_tasks();
	if (r == 0)
		r = find_places();
	if (r == 0)
		r = lp_text_init();
	if (r == 0) {
		lp_core_init(&agent.core, &lp_agent_host, &agent);
		lp_author_init(&agent.core);
		lp_shadow_host_init();
		r = lp_agent_refresh_space(&agent);
	}
	return r;
}

/* What is left to free, a little at a time and ever more seldom. Returns when to come again. */
static uint64_t sweep(uint64_t *interval_ns, uint64_t *next_ns)
{
	uint64_t now = lp_clock_ns();

	if (agent.core.transition.phase != LP_PHASE_IDLE || !lp_grave_any()) {
		*interval_ns = SWEEP_MIN_NS;
		*next_ns = now;
		return LP_FOREVER_NS;
	}
	if (now < *next_ns)
		return *next_ns - now;
	if (lp_grave_sweep(&agent.quiesce, &agent.space, agent.text_lo, agent.text_hi))
		return LP_FOREVER_NS;
	*next_ns = now + *interval_ns;
	if (*interval_ns < SWEEP_MAX_NS)
		*interval_ns *= 2;
	return *next_ns - now;
}

/*
 * A function's marker is on the path of its calls until it is seen: looked for soon after a
 * transition, then ever more seldom.
 */
static uint64_t look_for_calls(uint64_t *interval_ns, uint64_t *next_ns)
{
	uint64_t now = lp_clock_ns();

	if (agent.core.transition.phase != LP_PHASE_IDLE) {
		*interval_ns = CALLS_MIN_NS;
		*next_ns = now;
		return LP_FOREVER_NS;
	}
	if (now < *next_ns)
		return *next_ns - now;
	if (!lp_loaded_update_called())
		return LP_FOREVER_NS;
	*next_ns = now + *interval_ns;
	if (*interval_ns < CALLS_MAX_NS)
		*interval_ns *= 2;
	return *next_ns - now;
}

/*
 * A process whose main thread has left by pthread_exit() ends with the last of the others, in libc,
 * by exit(0). To libc we are one of them: were it not for us, it would have ended.
 */
static void end_if_alone(uint64_t *next_ns)
{
	uint64_t now = lp_clock_ns();
	struct lp_task_stat main;

	if (now < *next_ns)
		return;
	*next_ns = now + ALONE_NS;
	if (lp_proc_thread_count() != 2 || lp_proc_task_stat(lp_sys(__NR_getpid), &main) ||
	    main.state != 'Z')
		return;
	exit(0);
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void run(void)
{
	uint64_t sweep_interval_ns = SWEEP_MIN_NS, sweep_next_ns = 0;
	uint64_t calls_interval_ns = CALLS_MIN_NS, calls_next_ns = 0, alone_next_ns = 0;

	while (!agent.detached) {
		uint64_t wait_ns = lp_core_pass(&agent.core);

		end_if_alone(&alone_next_ns);
		lp_author_update();
		wait_ns = min(wait_ns, sweep(&sweep_interval_ns, &sweep_next_ns));
		wait_ns = min(wait_ns, look_for_calls(&calls_interval_ns, &calls_next_ns));
		wait_ns = min(wait_ns, lp_request_answer_waiting(&agent));
		lp_control_wait(wait_ns, lp_request_handle, &agent);
	}
}

static void deinit(void)
{
	lp_control_deinit();
	lp_shadow_host_deinit();
	lp_attic_deinit();
	lp_view_deinit();
	lp_grave_deinit();
	lp_tids_deinit(&agent.tids);
	lp_proc_deinit();
	lp_alloc_deinit();
	memset(&agent, 0, sizeof(agent));
}

static void close_both(const struct suture_start *start)
{
	lp_sys_raw(__NR_close, start->agent_fd, 0, 0, 0, 0, 0);
	lp_sys_raw(__NR_close, start->client_fd, 0, 0, 0, 0, 0);
}

/* Why the agent ends at once, to whoever brought it in. */
static void report_failure(int agent_fd, int error)
{
	const struct suture_message message = { .magic = SUTURE_CONTROL_MAGIC,
						.version = SUTURE_CONTROL_VERSION,
						.type = SUTURE_HELLO,
						.status = error };

	lp_sys(__NR_sendto, agent_fd, &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT, 0, 0);
}

EXPORT int suture_agent_run(const struct suture_start *start)
{
	uint64_t mask = LP_SIGNALS_BLOCKED;
	int r;

#ifdef LP_FAULTS
	lp_sys_faults_init();
#endif
	lp_sys(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, &mask, 0, 8);
	lp_sys(__NR_prctl, PR_SET_NAME, "suture", 0, 0, 0);
	r = init(start);
	if (r == 0)
		r = lp_control_init(start->agent_fd, start->client_fd);
	if (r < 0) {
		report_failure(start->agent_fd, r);
		close_both(start);
		lp_alloc_deinit();
		return r;
	}
	run();
	deinit();
	return 0;
}
