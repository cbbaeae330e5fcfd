/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rules.h - the rules of docs/design/core.md, "Replace and conflicts", once more and on their own:
 * what a request does, and every reason against it.
 */
#ifndef SIM_RULES_H
#define SIM_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "../../src/core/core.h"

#define MAX_LIVE 64
#define MAX_REFUSALS 256

struct fix;
struct world;

/* Strings compare by their letters; "" stands for NULL. */
struct refusal {
	enum lp_reason reason;
	char patch[16], function[16];
	uint64_t state;
};

struct plan {
	int error; /* of the request if the host does all it is asked */
	uint32_t patch; /* the one applied, disabled, or undone */
	bool disabling, undoing, no_undo;
	uint32_t coming[MAX_LIVE], leaving[MAX_LIVE];
	unsigned int n_coming, n_leaving;
	struct refusal refusals[MAX_REFUSALS];
	unsigned int n_refusals;
};

void plan_apply(struct world *world, struct plan *plan, struct fix *fix,
		const struct lp_apply_options *options);
void plan_disable(struct world *world, struct plan *plan, const char *name);
void plan_undo(struct world *world, struct plan *plan);
/* Is the report what the plan says? Ends the run if not. */
void plan_compare(struct world *world, const struct plan *plan, const struct lp_report *report);
/* A block_disable state that the transition introduces: it cannot be turned around. */
bool plan_blocks_reverse(const struct world *world, const struct plan *plan);
bool plan_has(const uint32_t *list, unsigned int n, uint32_t serial);
/* the patch of this list that has the state, or 0 */
uint32_t plan_with_state(const struct world *world, const uint32_t *list, unsigned int n,
			 uint64_t id);

#endif
