/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * grave.h - things that no task can newly enter or find, waiting to be freed until no task can be
 * in them: stubs, moved code, code of retired patches, ranges of old views. Agent's thread only.
 */
#ifndef LP_AGENT_GRAVE_H
#define LP_AGENT_GRAVE_H

#include "range.h"
#include "unwind.h"

struct lp_quiesce;

struct lp_grave_range {
	uint64_t lo, hi;
};

struct lp_grave {
	struct lp_grave *next;
	void (*bury)(void *what); /* called once it is safe */
	void *what;
	bool swept; /* part of the sweep that is under way */
	bool revived; /* taken back: bury is not called */
	unsigned int n_ranges;
	struct lp_grave_range ranges[]; /* code to be seen empty */
};

/* Digs a grave; bury(what) is called later, or never when there is no memory for it (a leak). */
struct lp_grave *lp_grave_dig(void (*bury)(void *what), void *what);
/* The same for so many ranges. */
struct lp_grave *lp_grave_dig_wide(void (*bury)(void *what), void *what, unsigned int ranges);
/* code that must be empty of tasks; at most two ranges, or as many as it was dug for */
void lp_grave_watch(struct lp_grave *grave, uint64_t lo, uint64_t hi);
/*
 * For ranges that were part of a published view: freed at the end of a sweep that starts after
 * this. They are small, and no sweep is started on their account.
 */
void lp_grave_park(struct lp_ranges *ranges);
/* Frees what is parked; when no task can be reading it. */
void lp_grave_deinit(void);

bool lp_grave_any(void);
/*
 * All code that is watched. A task may still stand in a stub of the transition before, with its mind
 * made up: for the next one that is a busy range too. 0 or -ENOMEM
 */
int lp_grave_add_ranges(struct lp_ranges *ranges);

/*
 * One step of sweeping: starts a quiescence over all graves there are, or goes on with it. Returns
 * true when there is nothing more to do. agent_lo/hi: the agent's own text, where handlers run.
 */
bool lp_grave_sweep(struct lp_quiesce *quiesce, const struct lp_unwind_space *space,
		    uint64_t agent_lo, uint64_t agent_hi);
/* Stops a sweep under way, for something that is more urgent. */
void lp_grave_pause(struct lp_quiesce *quiesce);

#endif
