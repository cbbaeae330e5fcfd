/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * deadline.h - what a transition's deadline demands: it is told in the first pass after it, once, and
 * its policy is followed, or owed until it is possible.
 */
#ifndef SIM_DEADLINE_H
#define SIM_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

struct lp_deadline;
struct world;

struct due {
	uint64_t at_ns; /* 0: never */
	int policy; /* enum lp_on_timeout */
	bool told, owed;
};

/* A transition has started with it; NULL: none. */
void deadline_begin(struct world *world, const struct lp_deadline *deadline, uint64_t now_ns);
/* TIMEOUT */
void deadline_told(struct world *world);
/* A pass is over that began at started_ns. */
void deadline_check(struct world *world, uint64_t started_ns, bool was_active, bool was_forward);

#endif
