/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* world.h - all there is in one run. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdio.h>

#include "../../src/core/core.h"
#include "entry.h"
#include "fix.h"
#include "host.h"
#include "oracle.h"
#include "prng.h"
#include "program.h"
#include "run.h"
#include "task.h"

struct world {
	struct run *run;
	FILE *trace;
	struct program program;
	struct task tasks[MAX_TASKS];
	unsigned int n_alive, limit; /* of tasks */
	struct entry entries[MAX_FUNCTIONS];
	struct fix *fixes[MAX_FIXES]; /* by serial, from 1 */
	uint32_t n_fixes;
	struct host host;
	struct lp_core core;
	struct oracle oracle;
	/* the character of this world */
	bool birth_inherits;
	unsigned int daemon_function, stir_every, fix_size, pass_every, request_every, try_cost_ns;
	/* of the step being done */
	struct prng luck;
	bool luck_on;
	unsigned int fail_at; /* counts down; at 0 a call of the host fails */
	bool failed; /* one did */
};

struct world *world_create(struct run *run, FILE *trace);
/* Everything comes to rest: transitions must end, everything must be given back. */
void world_end(struct world *world);

/* For a call that may fail: is it its turn? */
bool world_fails(struct world *world);
/* Something goes wrong or otherwise than usual, once in so many times. */
bool world_unlucky(struct world *world, unsigned int once_in);

void world_tell(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Ends the run. */
void world_violation(struct world *world, const char *invariant, const char *format, ...)
	__attribute__((format(printf, 3, 4), noreturn));

#endif
