/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transition.h - the time in which tasks move, one by one, to the target state of one patch.
 *
 *	phase        start()        pass                            reverse()        force()
 *	IDLE         -> REDIRECT    nothing to do                   -ENOENT          -ENOENT
 *	REDIRECT     -EBUSY         host->redirect; -> SWITCH       abandon, IDLE    -EAGAIN
 *	SWITCH       -EBUSY         every task tried; all: IDLE     target flipped   all set
 *
 * "patched" is the state of a task that runs site->next, "unpatched" the one that runs
 * site->current, whichever of the two is the original: disabling a patch is a transition too.
 * All calls are made under the host's lock.
 */
#ifndef LP_CORE_TRANSITION_H
#define LP_CORE_TRANSITION_H

#include "site.h"

struct lp_deadline;

enum lp_phase { LP_PHASE_IDLE, LP_PHASE_REDIRECT, LP_PHASE_SWITCH };

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

#define LP_BLOCKER_BUCKETS 64

struct lp_transition {
	enum lp_phase phase;
	enum lp_target target;
	uint64_t epoch; /* new for each transition, from 1; a reverse keeps it */
	struct lp_patch *patch; /* the one applied or disabled */
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
};

/*
 * Inside the core; lp_core_*() in core.h are the requests, and check what these take for granted.
 *
 * Starts the transition that brings the patch in (disabling: takes it out), together with those
 * that have `leaving` set. 0 or a negative errno (reported), and then nothing has changed.
 */
int lp_transition_start(struct lp_core *core, struct lp_patch *patch, bool disabling,
			const struct lp_deadline *deadline, struct lp_report *report) LP_MUST_CHECK;
/* 0 or the negative errno of host->target(), and then nothing has changed. */
int lp_transition_reverse(struct lp_core *core) LP_MUST_CHECK;
/* SWITCH only. 0 or the negative errno of host->tasks_begin(). */
int lp_transition_force(struct lp_core *core) LP_MUST_CHECK;
/* Every task is at the target. */
void lp_transition_complete(struct lp_core *core);
/* REDIRECT only: no task has left the unpatched state. */
void lp_transition_abandon(struct lp_core *core);

#endif
