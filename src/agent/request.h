/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* request.h - what clients ask for, and the answers. Agent's thread only. */
#ifndef LP_AGENT_REQUEST_H
#define LP_AGENT_REQUEST_H

#include "agent.h"
#include "control.h"

/* lp_control_handler; context is the struct lp_agent */
void lp_request_handle(void *context, const struct lp_request *request);

/* Answers the clients that wait, if the transition has ended or their time is up. Returns when
 * the next one's time is up, LP_FOREVER_NS: never. */
uint64_t lp_request_answer_waiting(struct lp_agent *agent);

#endif
