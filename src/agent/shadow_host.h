/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shadow_host.h - the process's shadow variables: any thread may use them (core/shadow.h). */
#ifndef LP_AGENT_SHADOW_HOST_H
#define LP_AGENT_SHADOW_HOST_H

#include "../core/shadow.h"

extern struct lp_shadow lp_shadow_variables;

void lp_shadow_host_init(void);
/*
 * Whether this is a forked child, and a thread was in the midst of a change when it was forked: variables
 * can be found, but not made or ended any more.
 */
bool lp_shadow_host_is_stuck(void);
/* Frees all variables. No task is in any patch's code. */
void lp_shadow_host_deinit(void);

#endif
