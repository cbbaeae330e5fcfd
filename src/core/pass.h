/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pass.h - the work of a transition, in pieces: the redirect, then tasks tried one by one until
 * one complete pass finds all of them at the target; and the deadline. Inside the core.
 */
#ifndef LP_CORE_PASS_H
#define LP_CORE_PASS_H

#include "core.h"

/* see lp_core_pass() */
uint64_t lp_pass_run(struct lp_core *core);
/* SWITCH, and a pass is under way: as much of it as the budget allows. */
void lp_pass_go_on(struct lp_core *core);

#endif
