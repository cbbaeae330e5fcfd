/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host.h - the core's only window to the world.
 *
 * A host is what the core runs on: the agent inside a process, the kernel module, the simulation.
 * It fills in struct lp_host, serialises all calls into one core by one lock of its own, and calls
 * lp_core_pass() when the core asks for it. The core never blocks; every operation below, except
 * callback() and shadow_free_all(), returns at once and does not call the core. Operations that may
 * fail return a negative errno and have changed nothing. Those marked "optional" may be NULL.
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

struct lp_callback_call;
struct lp_core;
struct lp_event;
struct lp_function;
struct lp_patch;
struct lp_patch_state;
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
	 * Sites. A site is created by the core when a function is first replaced, and destroyed
	 * when its settled version is the original again. site_open() gets what the site needs
	 * outside (site->host), without any effect on the target. site_close() gives it back: the
	 * entry is as it was; the host frees what tasks could still be in when they no longer can.
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
	 * a negative errno: try again in the next pass. task_next() returns the next id, 0 at the
	 * end. Then tasks that were not listed are at the target and stay there, and so do those
	 * that they start: the core ends the transition if nobody was busy (docs/design/core.md,
	 * "When it is complete"). tasks_begin() may be called again before the end of the list.
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
	 * Callbacks, optional: a patch's callbacks are taken for not given. callback() runs one
	 * function of the author; only LP_PRE_PATCH may fail, what the others return is ignored.
	 * shadow_free_all() frees all shadow variables of a state that is gone (with the
	 * destructor of the author, patch code). Both run code that may take its time, so the
	 * host may give up its lock meanwhile: until they return every request but
	 * lp_core_set_replaceable() is answered with -EBUSY, lp_core_pass() asks to be called
	 * later, and core->calling tells what is being waited for. What only reads may be called,
	 * from the callback too: lp_state_get(), lp_state_get_prev(), lp_patch_is_complete().
	 */
	int (*callback)(void *host, struct lp_patch *patch, const struct lp_callback_call *call);
	void (*shadow_free_all)(void *host, struct lp_patch *patch,
				const struct lp_patch_state *state);

	/*
	 * Objects that come and go, optional: without them they are not reported. site_patch():
	 * the object of a new (opened) site is in memory and no task runs its code yet. From now
	 * on calls of it go where those of a site go that has been there all the time:
	 *	- no transition, or the site is not part of it (its transition_link is empty):
	 *	  to site->current;
	 *	- part of it, tr->phase is LP_PHASE_REDIRECT: to site->current (NULL: the original,
	 *	  nothing is visible), and what prepare() makes for a site is there, so that the
	 *	  next redirect() or abandon() treats it like the others;
	 *	- part of it, LP_PHASE_SWITCH: they ask the task's patch state.
	 * site_unpatch(): takes all of that away; no task runs code of the object any more.
	 * site_close() follows.
	 */
	int (*site_patch)(void *host, struct lp_site *site) LP_MUST_CHECK;
	void (*site_unpatch)(void *host, struct lp_site *site);

	/*
	 * Optional: without it there is no undo. The patch was replaced and is not enabled, but its
	 * code stays loaded: undo may bring it back. Either it does, or patch_release() follows.
	 */
	void (*patch_keep)(void *host, struct lp_patch *patch);

	/*
	 * The core no longer knows this patch (disabled, replaced, or refused after prepare). If
	 * !patch->pinned the host unmaps its code once nothing can reach it; it owns the memory
	 * of struct lp_patch from now on.
	 */
	void (*patch_release)(void *host, struct lp_patch *patch);
};

#endif
