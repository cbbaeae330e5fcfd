/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fix.h - a patch as the simulation makes it from a seed: what the core is given (struct
 * lp_patch), and the same once more for the oracle, where the core cannot reach it. A version of a
 * function is known by the serial number of the fix whose code it is; 0 is the original.
 */
#ifndef SIM_FIX_H
#define SIM_FIX_H

#include "../../src/core/core.h"
#include "program.h"

#define MAX_FIX_FUNCTIONS 10
#define MAX_FIX_STATES 3
#define MAX_FIX_HOLDS 3
#define MAX_FIX_NAMES 2
#define MAX_FIXES 60000
#define N_NAMES 8
#define N_STATES 6
#define N_SCOPES 8

struct world;

/* What the oracle knows of it. */
struct fix_truth {
	char name[8];
	uint64_t provides, obsoletes[MAX_FIX_NAMES];
	bool replace, conflicts_replace, malformed;
	unsigned int n_obsoletes, n_requires, n_functions, n_states, n_holds;
	unsigned int requires[MAX_FIX_NAMES]; /* numbers of names */
	uint8_t functions[MAX_FIX_FUNCTIONS], holds[MAX_FIX_HOLDS];
	struct lp_patch_state states[MAX_FIX_STATES];
	uint8_t object_callbacks[MAX_OBJECTS];
	bool object_told[MAX_OBJECTS], program_untold;
	bool owed[MAX_OBJECTS]; /* its pre_ of this transition waits for a post_ */
	/* its life, by the oracle's rules */
	bool enabled, kept, forced, pinned, replaceable, leaving, coming, released, unmapped;
	bool keep_told; /* the host was told that it is kept */
	uint32_t by; /* kept: the one that replaced it */
};

struct fix {
	uint32_t serial;
	struct fix_truth truth;
	/* the core's, from apply to patch_release() */
	char name[8];
	struct lp_patch patch;
	struct lp_function functions[MAX_FIX_FUNCTIONS];
	struct lp_patch_object objects[MAX_OBJECTS];
	struct lp_hold holds[MAX_FIX_HOLDS];
	struct lp_patch_state states[MAX_FIX_STATES];
	uint64_t obsoletes[MAX_FIX_NAMES];
	const char *requires[MAX_FIX_NAMES];
};

/* From the seed, `plain`: bits of features it goes without. It is in world->fixes[serial]. */
struct fix *fix_create(struct world *world, uint32_t seed, unsigned int plain);
/* It was refused: nobody can know of it. */
void fix_destroy(struct world *world, struct fix *fix);
/* The core has let go of it: its memory is poisoned, so that a later look at it shows. */
void fix_poison(struct fix *fix);
struct fix *fix_of(const struct lp_patch *patch);
/* 0 for 0 */
uint32_t fix_serial(const struct lp_function *function);
const char *fix_name(unsigned int number);
unsigned int fix_name_number(const struct fix *fix);
bool fix_has_function(const struct fix *fix, unsigned int function);
const struct lp_patch_state *fix_state(const struct fix *fix, uint64_t id);

#endif
