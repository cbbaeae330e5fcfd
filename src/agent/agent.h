/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * agent.h - the process host: everything the agent's thread holds. One per process.
 */
#ifndef LP_AGENT_AGENT_H
#define LP_AGENT_AGENT_H

#include "../core/core.h"
#include "change.h"
#include "quiesce.h"

struct lp_agent {
	struct lp_core core;
	struct lp_change change;
	struct lp_quiesce quiesce; /* a sweep of graves, or a change's own */
	/* the pass under way */
	struct lp_tids tids;
	size_t next_tid;
	bool all_switched;
	bool asking_newborn; /* the second list of a pass, see host.c */
	/* what is mapped, for unwinding */
	struct lp_object *objects;
	struct lp_unwind_extra *extra;
	struct lp_unwind_space space;
	/* the agent's own text: where its handler runs */
	uint64_t text_lo, text_hi;
	uint64_t pause_us; /* of the last transition that closed entries */
	bool detached; /* the agent's thread ends */
	struct lp_report *report; /* of the request under way, for host operations that refuse */
};

/* The core's host operations; their `host` is the struct lp_agent. */
extern const struct lp_host lp_agent_host;

/* Objects and patch code as they are now; called at the start of a pass. 0 or -ENOMEM */
int lp_agent_refresh_space(struct lp_agent *agent);

#endif
