/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* eventlog.h - the last events of the core, with their times. Agent's thread only. */
#ifndef LP_AGENT_EVENTLOG_H
#define LP_AGENT_EVENTLOG_H

#include "../core/event.h"
#include "json.h"

void lp_eventlog_add(const struct lp_event *event);
/* {"events":[...]}, oldest first */
void lp_eventlog_write(struct lp_json *json);

#endif
