/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run.h - one run: a world made from its seed, and steps, in a child process, so that a core that
 * crashes or hangs is a finding like any other.
 */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include <stdio.h>

#include "ops.h"

#define MAX_OPS 4000000u

struct run_config {
	uint64_t seed;
	unsigned int tasks; /* at the start; 0: what the seed says */
	bool blind; /* the core's own books are not looked at: entries and calls alone */
};

/* What became of it; in memory shared with the child. */
struct run {
	struct run_config config;
	bool failed;
	char invariant[16]; /* "I1" .. "I9", or another word */
	char message[512];
	unsigned int tasks;
	uint64_t hash; /* of the trace */
	uint64_t stirred; /* steps of tasks while the core was at work */
	uint64_t counts[OP_COUNT];
	uint64_t accepted, refused, started, completed, back, forced, abandoned, called;
	uint32_t n_ops;
	struct op ops[]; /* done so far, the one that failed included */
};

struct run *run_create(void);
void run_destroy(struct run *run);
/* Random steps; recorded in the run. trace: where each step is told, or NULL. */
void run_random(struct run *run, const struct run_config *config, unsigned int steps, FILE *trace);
/* Exactly these steps. */
void run_replay(struct run *run, const struct run_config *config, const struct op *ops,
		unsigned int n_ops, FILE *trace);

#endif
