/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* leave.h - the way out of the agent's thread. Used by src/inject only. */
#ifndef LP_INJECT_LEAVE_H
#define LP_INJECT_LEAVE_H

#include "inject.h"

/*
 * Follows the thread, whose agent is done or will be in a moment, to its exit(2), and unmaps its
 * stack and its code there. 0, also for a thread that we did not bring in; or a negative errno.
 */
int lp_leave(pid_t tid, uint64_t deadline_ns, struct lp_inject_error *error);

#endif
