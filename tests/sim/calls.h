/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls.h - callbacks: which the core makes, and which it has to make (I8). Both are noted as they
 * come in a step, and compared when it is over.
 */
#ifndef SIM_CALLS_H
#define SIM_CALLS_H

#include "../../src/core/core.h"

struct world;

int host_callback(void *data, struct lp_patch *patch, const struct lp_callback_call *call);
void host_shadow_free_all(void *data, struct lp_patch *patch, const struct lp_patch_state *state);

/* A step begins. */
void calls_begin(struct world *world);
/* world->oracle.plan has started, or is over */
void calls_expect_start(struct world *world);
void calls_expect_finish(struct world *world, bool forward);
/* An object comes or goes; before the core is told. */
void calls_expect_object(struct world *world, unsigned int object, bool comes);
/* It was refused. */
void calls_unexpect_object(struct world *world, unsigned int object);
/* The step is over; refused: what was called must have been undone. */
void calls_check(struct world *world, bool refused);

#endif
