/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* detach.h - leaving the process as it was. Agent's thread only. */
#ifndef LP_AGENT_DETACH_H
#define LP_AGENT_DETACH_H

#include "agent.h"

/*
 * Waits, for a bounded time, until nothing of the agent can be reached by any task. 0: the agent's
 * thread may unmap everything and go (agent->detached is set); or -ECANCELED (reported).
 */
int lp_detach(struct lp_agent *agent, struct lp_report *report);

#endif
