/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * task.h - the threads of this process: which there are, where their words are, where they stand.
 * Agent's thread only. Nothing here stops, wakes or waits for a task.
 */
#ifndef LP_AGENT_TASK_H
#define LP_AGENT_TASK_H

#include "range.h"
#include "unwind.h"
#include "word.h"

/* A list of thread ids. */
struct lp_tids {
	int64_t *items;
	size_t count, capacity;
};

/*
 * Every thread but the agent's own that existed when this was called and still exists when it
 * returns is in the list. 0, -EAGAIN (could not be told: again later), or a negative errno.
 */
int lp_tids_list(struct lp_tids *tids);
void lp_tids_deinit(struct lp_tids *tids);

/* Whether it is on a processor, or waits for one. */
bool lp_task_is_running(int64_t tid);

/* Measures, on the agent's own thread, where words are. 0, or -ENOTSUP (not glibc's layout). */
int lp_task_init(void);
int32_t lp_task_word_offset(void); /* from the fs base */

struct lp_task {
	int64_t tid;
	uint64_t fs_base;
};

/* It has ended, for sure. */
bool lp_task_is_gone(int64_t tid);

/*
 * 0; -ESRCH: it ended or runs no user code; -EXDEV: the thread pointer it has is another task's;
 * -EAGAIN: cannot be told (now)
 */
int lp_task_find(struct lp_task *task, int64_t tid);
/* reads its word; 0 or -EFAULT */
int lp_task_read_word(const struct lp_task *task, struct lp_word *word);

/*
 * The checker's writes, made of atomic steps that are full barriers; -EFAULT when the task's memory is gone.
 * mark: looked at from now on, in this era. bump: makes the task ask again at its next entry (and
 * any decision in flight fail), whatever it was. approve: counts only if the mark is still there.
 */
int lp_task_mark(const struct lp_task *task, uint32_t era);
int lp_task_bump(const struct lp_task *task);
int lp_task_approve(const struct lp_task *task, uint32_t era);
int lp_task_force(const struct lp_task *task, uint32_t era);

/* What one look at a task gave. */
enum lp_look {
	LP_LOOK_CLEAN, /* asleep throughout, no frame in the ranges */
	LP_LOOK_HIT, /* asleep, *hit is an address in the ranges */
	LP_LOOK_RUNNING,
	LP_LOOK_MOVED, /* ran in between */
	LP_LOOK_CHILD, /* in vfork or clone: a child may run in its place */
	LP_LOOK_FOREIGN, /* its stack is not its thread's */
	LP_LOOK_UNREADABLE,
	LP_LOOK_GONE,
};

enum lp_look lp_task_look(const struct lp_task *task, const struct lp_ranges *ranges,
			  const struct lp_unwind_space *space, uint64_t *hit);

#endif
