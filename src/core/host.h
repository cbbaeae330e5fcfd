/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host.h - the core's only window to the world.
 *
 * A host is what the core runs on: the agent inside a process, the kernel module, the simulation.
 * It fills in struct lp_host, serialises all calls into one core by one lock of its own, and calls
 * lp_core_pass() when the core asks for it. The core never blocks; every operation below returns
 * at once and does not call the core. Operations that may fail return a negative errno and have
 * changed nothing.
 */
#ifndef LP_CORE_HOST_H
#define LP_CORE_HOST_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/limits.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#endif

#define LP_MUST_CHECK __attribute__((warn_unused_result))

struct lp_core;
struct lp_event;
struct lp_function;
struct lp_patch;
struct lp_site;
struct lp_transition;
struct lp_verdict;

/* What became of an attempt to move one task to the target of the transition. */
enum lp_switch {
	LP_SWITCHED, /* it is at the target (now, or was already) */
	LP_BUSY, /* not yet: see the verdict */
	LP_GONE, /* it ended, or runs no user code any more */
};

struct lp_host {
	/* zeroed memory, or NULL */
	void *(*alloc)(void *host, size_t size);
	void (*free)(void *host, void *memory);
	/* monotonic nanoseconds */
	uint64_t (*now_ns)(void *host);
	void (*event)(void *host, const struct lp_event *event);

	/*
	 * Sites. A site is created by the core when a function is first replaced, and destroyed when
	 * its settled version is the original again. site_open() gets what the site needs outside
	 * (site->host), without any effect on the target. site_close() gives it back: the entry is
	 * as it was; the host frees what tasks could still be in when they no longer can.
	 */
	int (*site_open)(void *host, struct lp_site *site) LP_MUST_CHECK;
	void (*site_close)(void *host, struct lp_site *site);

	/*
	 * The transition, in the order of the calls. prepare(): everything that can fail (stubs for
	 * tr->epoch), nothing visible. redirect(): from now on calls of every site of tr->sites ask
	 * the task's patch state; all tasks are unpatched and go to site->current. -EAGAIN: not
	 * complete yet (a task stands between replaced instructions; its blocker is in the
	 * verdict); the core calls again. target(): tr->target has changed (reverse); if that
	 * fails the core changes it back, and the transition goes on as before. settle():
	 * every task is at tr->target; each site goes straight to site->current, which the core has
	 * set to the final version; NULL = the original: the redirect is removed. abandon(): undoes
	 * prepare() and an incomplete redirect(); no task has left the unpatched state.
	 */
	int (*prepare)(void *host, struct lp_transition *tr) LP_MUST_CHECK;
	int (*redirect)(void *host, struct lp_transition *tr,
			struct lp_verdict *verdict) LP_MUST_CHECK;
	int (*target)(void *host, struct lp_transition *tr) LP_MUST_CHECK;
	void (*settle)(void *host, struct lp_transition *tr);
	void (*abandon)(void *host, struct lp_transition *tr);

	/*
	 * Tasks. tasks_begin() lists the tasks there are; every task that existed when it was
	 * called and still exists when the list is at its end is in it. Returns their number, or
	 * a negative errno: try again in the next pass. task_next() returns the next id, 0 at the end.
	 * Then tasks that were not listed are at the target and stay there, and so do those that
	 * they start: the core ends the transition if nobody was busy (docs/design/core.md, "When
	 * it is complete"). tasks_begin() may be called again before the end of the list.
	 */
	int (*tasks_begin)(void *host) LP_MUST_CHECK;
	int64_t (*task_next)(void *host);
	enum lp_switch (*task_try_switch)(void *host, struct lp_transition *tr, int64_t tid,
					  struct lp_verdict *verdict);
	/* sets the task's state to the target whatever it does; 0 or -ESRCH */
	int (*task_force)(void *host, struct lp_transition *tr, int64_t tid);
	/* asks a task that stays behind to come by; may do nothing */
	void (*task_nudge)(void *host, int64_t tid);

	/*
	 * The core no longer knows this patch (disabled, replaced, or refused after prepare). If
	 * !patch->pinned the host unmaps its code once nothing can reach it; it owns the memory
	 * of struct lp_patch from now on.
	 */
	void (*patch_release)(void *host, struct lp_patch *patch);
};

#endif
