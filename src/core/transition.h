/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transition.h - the time in which tasks move, one by one, to the target state of one patch.
 *
 *	phase        start()        pass                            reverse()        force()
 *	IDLE         -> REDIRECT    nothing to do                   -ENOENT          -ENOENT
 *	REDIRECT     -EBUSY         host->redirect; -> SWITCH       abandon, IDLE    -EAGAIN
 *	SWITCH       -EBUSY         every task tried; all: FINISH   target flipped   all set
 *	FINISH       -EBUSY         nothing to do                   -EBUSY           -EBUSY
 *
 * FINISH lasts from the settled entries to the last callback, within one call of the core: only
 * what a host does in a callback, and other threads meanwhile, can meet it.
 *
 * "patched" is the state of a task that runs site->next, "unpatched" the one that runs
 * site->current, whichever of the two is the original: disabling a patch is a transition too.
 * All calls are made under the host's lock.
 */
#ifndef LP_CORE_TRANSITION_H
#define LP_CORE_TRANSITION_H

#include "site.h"

struct lp_deadline;

enum lp_phase { LP_PHASE_IDLE, LP_PHASE_REDIRECT, LP_PHASE_SWITCH, LP_PHASE_FINISH };

enum lp_target { LP_UNPATCHED, LP_PATCHED };

enum lp_on_timeout { LP_TIMEOUT_LEAVE, LP_TIMEOUT_REVERSE, LP_TIMEOUT_FORCE };

/* A task that could not switch at the last try. */
struct lp_blocker {
	struct lp_list link;
	struct lp_list bucket_link;
	int64_t tid; /* 0: in the way of the redirect itself */
	struct lp_verdict verdict;
	uint64_t since_ns; /* monotonic: first try that failed, a reverse starts anew */
	unsigned int tries;
	unsigned int pass; /* the last one that saw it */
};

#define LP_BLOCKER_BUCKETS 512 /* for 10,000s of tasks in the way */

struct lp_transition {
	enum lp_phase phase;
	enum lp_target target;
	uint64_t epoch; /* new for each transition, from 1; a reverse keeps it */
	struct lp_patch *patch; /* the one applied, disabled or undone */
	bool disabling;
	bool reversed;
	bool timed_out; /* the deadline passed and was acted on */
	struct lp_list sites; /* lp_site.transition_link */
	struct lp_list blockers; /* lp_blocker.link */
	unsigned int n_tasks; /* of the last complete pass */
	unsigned int n_switched;
	unsigned int passes; /* complete ones */
	uint64_t started_ns;
	/* ours */
	uint64_t deadline_ns; /* 0: none */
	enum lp_on_timeout on_timeout;
	bool listed; /* a pass is under way */
	bool fresh; /* no pass is complete yet in this direction */
	unsigned int listed_tasks, switched_tasks;
	uint64_t next_pass_ns, interval_ns;
	struct lp_list blocker_buckets[LP_BLOCKER_BUCKETS]; /* lp_blocker.bucket_link, by tid */
	/* for the host too, from prepare() to settle() or abandon() */
	bool undoing; /* disabling, and those that `patch` replaced come back */
	struct lp_list coming; /* lp_patch.transition_link */
	struct lp_list leaving; /* lp_patch.transition_link */
	struct lp_list holds; /* lp_hold.transition_link, of all coming and leaving patches */
	/* ours */
	bool keep; /* those that leave are kept for undo */
	bool forcing; /* the pass under way sets the tasks instead of asking them */
};

/*
 * Inside the core; lp_core_*() in core.h are the requests, and check what these take for granted.
 *
 * Starts the transition that brings the patch in (LP_START_APPLY) or takes it out; in which all
 * those go that have `leaving` set, and (LP_START_UNDO) those come that it replaced. keep: what
 * leaves by an apply can be brought back. 0 or a negative errno (reported), and then nothing has
 * changed.
 */
struct lp_start {
	enum { LP_START_APPLY, LP_START_DISABLE, LP_START_UNDO } kind;
	struct lp_patch *patch;
	const struct lp_deadline *deadline; /* or NULL */
	bool keep;
};
int lp_transition_start(struct lp_core *core, const struct lp_start *start,
			struct lp_report *report) LP_MUST_CHECK;
/* 0 or the negative errno of host->target(), and then nothing has changed. */
int lp_transition_reverse(struct lp_core *core) LP_MUST_CHECK;
/*
 * SWITCH only: begins a pass that sets every task to the target. 0 or the negative errno of
 * host->tasks_begin(), and then nothing has changed.
 */
int lp_transition_force(struct lp_core *core) LP_MUST_CHECK;
/* Every task is at the target. */
void lp_transition_complete(struct lp_core *core);
/* Is the core at something that excludes a request? Then it is reported. */
bool lp_transition_is_busy(const struct lp_core *core, struct lp_report *report);
/* REDIRECT only: no task has left the unpatched state. */
void lp_transition_abandon(struct lp_core *core);

#endif
