/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * quiesce.h - proving that no task is in some code any more, once no task can newly enter it.
 *
 * Each task that was there at the start must be seen once with no frame in the watched ranges; then
 * it never will have one. Asleep tasks are looked at; running ones say so themselves when the
 * agent's signal reaches them. One quiescence at a time. Agent's thread only.
 */
#ifndef LP_AGENT_QUIESCE_H
#define LP_AGENT_QUIESCE_H

#include "task.h"

/* A task that was seen asleep outside, and how often it had had a processor by then. */
struct lp_sleeper {
	int64_t tid;
	uint64_t switches;
};

struct lp_quiesce {
	bool active;
	bool urgent; /* tasks wait for the end of it: running ones are asked at once */
	uint32_t generation;
	unsigned int passes;
	struct lp_tids remaining;
	struct lp_ranges ranges; /* owned */
	struct lp_sleeper *sleepers; /* see lp_quiesce_prepare() */
	size_t n_sleepers, next_sleeper;
	int64_t last_tid; /* a task that was not seen outside in the last pass, and why */
	enum lp_look last_look;
};

/*
 * For an urgent one, before it starts and while tasks may still enter the ranges: looks at all tasks.
 * Who sleeps outside now and has not woken up since needs no second look. 0 or a negative errno: it
 * will take longer.
 */
int lp_quiesce_prepare(struct lp_quiesce *quiesce, const struct lp_ranges *ranges,
		       const struct lp_unwind_space *space);

/* Takes over the (sorted) ranges. 0 or a negative errno: then the ranges are the caller's still. */
int lp_quiesce_start(struct lp_quiesce *quiesce, struct lp_ranges *ranges);

/*
 * Tries the remaining tasks. Returns how many remain (0: proven; call lp_quiesce_stop()), or a
 * negative errno.
 */
long lp_quiesce_pass(struct lp_quiesce *quiesce, const struct lp_unwind_space *space);

/* A client holds this task stopped: looks at it alone. */
void lp_quiesce_look(struct lp_quiesce *quiesce, int64_t tid, const struct lp_unwind_space *space);

/* Ends it. The ranges that were watched are returned in *ranges: tasks may still be reading them. */
void lp_quiesce_stop(struct lp_quiesce *quiesce, struct lp_ranges *ranges);

#endif
