/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * change.h - the host's side of a transition: eras, the stubs that ask, the busy ranges, and the
 * steps from "all calls go to current" to "all calls go to next". Agent's thread only.
 *
 * Stubs hold the era as an immediate, so each era has its own; those of the next era are made in
 * advance, so that a reverse cannot fail for lack of memory (a second one may).
 */
#ifndef LP_AGENT_CHANGE_H
#define LP_AGENT_CHANGE_H

#include "../core/core.h"
#include "gate.h"
#include "quiesce.h"

/* The stubs of one era for the sites of one object. */
struct lp_stub_area {
	struct lp_stub_area *next;
	uint64_t base, lo, hi; /* the object */
	uint32_t era;
	struct lp_near code;
	size_t used;
};

struct lp_change {
	uint32_t chain; /* first era */
	uint32_t era; /* the present one; 0: no transition */
	uint32_t ready; /* the last one that has stubs */
	struct lp_stub_area *areas;
	struct lp_ranges leaving_current, leaving_next;
	uint32_t last_era; /* ever used */
	struct lp_view *end; /* what is published when it ends */
	unsigned int redirect_tries;
	uint64_t pause_us; /* how long entries were closed, this transition */
};

/* The operations of struct lp_host with the same names; see core/host.h. */
int lp_change_prepare(struct lp_change *change, struct lp_transition *tr);
int lp_change_redirect(struct lp_change *change, struct lp_transition *tr,
		       struct lp_quiesce *quiesce, const struct lp_unwind_space *space,
		       struct lp_verdict *verdict);
int lp_change_target(struct lp_change *change, struct lp_transition *tr);
/* every listed task is at the target: those born since need not be asked */
int lp_change_closing(struct lp_change *change);
bool lp_change_is_closing(void);
void lp_change_settle(struct lp_change *change, struct lp_transition *tr);
void lp_change_abandon(struct lp_change *change, struct lp_transition *tr);

#endif
