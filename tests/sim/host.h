/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host.h - the simulated host of the core: memory, a clock, sites, the list of tasks, callbacks.
 * It keeps the promises of src/core/host.h and holds the core to its own.
 */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "../../src/core/host.h"

#define MAX_LIST 4096
#define MAX_CALLS 256

struct lp_patch_object;
struct world;

/* One callback, or shadow_free_all(), that the core made in this step. */
struct call {
	uint32_t serial;
	bool of_state;
	bool shadow_free;
	bool failed;
	int which;
	uint64_t id; /* of the state, or number of the object */
};

struct host {
	uint64_t now_ns;
	long allocated;
	/* the transition as the core has told it */
	bool prepared, switching, to_patched;
	uint64_t epoch;
	/* the list of tasks; those born meanwhile are added */
	bool listing, closing;
	unsigned int busy; /* answers since the list was begun */
	unsigned int list[MAX_LIST], n_list, at;
	/* in the step being done */
	struct call calls[MAX_CALLS];
	unsigned int n_calls;
	bool calling;
	unsigned int settles, abandons, completes;
};

extern const struct lp_host sim_host;

void host_task_born(struct world *world, unsigned int slot);

#endif
