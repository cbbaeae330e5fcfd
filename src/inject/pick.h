/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pick.h - which thread of the target to borrow. Reads /proc and memory only: stops nobody.
 * Used by src/inject only.
 */
#ifndef LP_INJECT_PICK_H
#define LP_INJECT_PICK_H

#include "frames.h"
#include "task.h"

/* Best first. The three before the last are certain only when the thread is stopped and looked at again. */
enum lp_choice {
	LP_CHOICE_EXACT, /* asleep without a time limit, unwound exactly */
	LP_CHOICE_EXACT_TIMED, /* asleep for a limited time */
	LP_CHOICE_SCANNED,
	LP_CHOICE_ASLEEP,
	LP_CHOICE_RUNNING,
	LP_CHOICE_STUCK, /* not to be tried: in a wait that nothing interrupts */
};

struct lp_candidate {
	pid_t tid;
	enum lp_choice choice;
	struct lp_task_call call; /* where it sleeps; number -1: it runs */
	unsigned int failed; /* 0, or it did not stop when it was told to: the higher, the later */
};

#define LP_PICK_FAILED_MAX 64

/* Threads that did not stop, in the order in which they were told to. {} at first. */
struct lp_pick_failed {
	pid_t tids[LP_PICK_FAILED_MAX];
	unsigned int count;
};

/* This one did not stop: it comes behind all others from now on. */
void lp_pick_fail(struct lp_pick_failed *failed, pid_t tid);

/*
 * Candidates, best first, in an array of the heap; their number, or -errno. If one of the best kind
 * is found that has not failed, the others are not looked at.
 */
int lp_pick_candidates(const struct lp_target *target, struct lp_frames *frames,
		       const struct lp_pick_failed *failed, struct lp_candidate **candidates);

/*
 * The thread is stopped with these registers: may it be borrowed? For a candidate that was asleep:
 * still in the same call.
 */
bool lp_pick_confirm(const struct lp_target *target, struct lp_frames *frames,
		     const struct lp_candidate *candidate, const struct user_regs_struct *regs);

#endif
