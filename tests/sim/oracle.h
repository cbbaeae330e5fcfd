/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * oracle.h - what must be, by the simulation's own books. It never asks the core what is right: it
 * reads the rules once more (rules.c), keeps its own record of patches (book.c), callbacks
 * (calls.c), and of each entry of each task (oracle.c), and compares.
 */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "deadline.h"
#include "events.h"
#include "fix.h"
#include "host.h"
#include "rules.h"
#include "task.h"

/* One function in the transition. */
struct expected {
	bool in; /* before and after differ */
	bool held;
	uint32_t before, after, settled, held_version;
};

/* One task, seen from outside. */
struct watch {
	bool young; /* born in this transition */
	bool known; /* it has shown a version in it, or existed before */
	bool patched; /* what it is, by the switches that were told */
	bool shown; /* what its last entry showed */
	bool clean; /* since then there was a moment with no frame of that version */
	unsigned int switches; /* since the target was set last */
};

struct oracle {
	struct expected functions[MAX_FUNCTIONS];
	struct watch watch[MAX_TASKS];
	/* the transition */
	bool active, redirected, forward, forcing, reversed;
	struct due due;
	struct plan plan; /* of this transition, or of the request in progress, or of the last */
	/* the step being done */
	bool starting, object_op;
	struct call calls[MAX_CALLS]; /* that must be made */
	unsigned int n_calls;
	struct events events;
	/* patches the core has or may have, in no order */
	uint32_t live[MAX_LIVE];
	unsigned int n_live;
	uint32_t undo[MAX_LIVE]; /* those that have kept ones, the last one last */
	unsigned int n_undo, undo_depth;
};

/* Entries and switches (oracle.c) */
void oracle_enter(struct world *world, unsigned int slot, unsigned int function, uint32_t version);
void oracle_popped(struct world *world, unsigned int slot);
/* inherits: the state, too */
void oracle_born(struct world *world, unsigned int parent, unsigned int slot, bool inherits);
void oracle_exited(struct world *world, unsigned int slot);
void oracle_switched(struct world *world, unsigned int slot);
void oracle_forced(struct world *world, unsigned int slot);
/* world->oracle.plan is under way */
void oracle_begin(struct world *world);
void oracle_redirected(struct world *world);
void oracle_target(struct world *world, bool forward);
void oracle_settled(struct world *world);
void oracle_abandoned(struct world *world);

/* Patches (book.c) */
void book_add(struct world *world, struct fix *fix);
void book_begin(struct world *world);
/* the transition is over; completed: not abandoned; forward: it took place */
void book_end(struct world *world, bool completed, bool forward);
void book_forget(struct world *world, uint32_t serial);
void book_forget_all(struct world *world);
void book_trim(struct world *world);
void oracle_event(struct world *world, const struct lp_event *event);
void oracle_release(struct world *world, struct fix *fix, bool pinned);
void oracle_keep(struct world *world, struct fix *fix);
/* The core and the text are what they should be; after each step that the core had part in. */
void book_check(struct world *world);

#endif
