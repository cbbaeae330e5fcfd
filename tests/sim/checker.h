/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* checker.h - the operations of struct lp_host on tasks; see there. */
#ifndef SIM_CHECKER_H
#define SIM_CHECKER_H

#include "host.h"

int host_tasks_begin(void *data);
int64_t host_task_next(void *data);
enum lp_switch host_task_try_switch(void *data, struct lp_transition *tr, int64_t tid,
				    struct lp_verdict *verdict);
int host_task_force(void *data, struct lp_transition *tr, int64_t tid);
void host_task_nudge(void *data, int64_t tid);

#endif
