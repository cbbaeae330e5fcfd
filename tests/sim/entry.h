/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entry.h - what is at the entry of a function: the text of the process, and what stubs do.
 *
 *	redirected asks                  a call goes to
 *	0          0                     the original
 *	1          0                     `settled`
 *	1          1, not switching      `current`, for all tasks
 *	1          1, switching          `current` or `next`, by the task's patch state
 */
#ifndef SIM_ENTRY_H
#define SIM_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

struct lp_site;
struct world;

struct entry {
	struct lp_site *site; /* open for it, or NULL */
	bool redirected;
	bool asks;
	bool joined; /* prepared for the transition in progress */
	bool held; /* by the transition in progress, the original and held_version */
	uint32_t settled, current, next; /* serials of patches; 0: the original */
	uint32_t held_version;
};

/* The version that a call of this task goes to; the task may decide on its state by that. */
uint32_t entry_resolve(struct world *world, unsigned int slot, unsigned int function);
/* The slow path: the task looks at its own stack, and settles what it is. */
void entry_look_at_self(struct world *world, unsigned int slot);
/* Is the task at the target now? One that was not asked counts as unpatched. */
bool entry_is_at_target(const struct world *world, unsigned int slot);
/* The host's knowledge, all of it from the core: no frame of what the task would leave? */
int entry_first_dirty(const struct world *world, unsigned int slot);
/* Sets the task to the target. */
void entry_switch(struct world *world, unsigned int slot);

#endif
