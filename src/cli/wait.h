/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wait.h - waiting for the end of a transition: the progress line, Ctrl-C, and help for tasks that
 * block the agent's signal.
 *
 * The transition is the agent's: it goes on, deadline included, whatever becomes of the waiting.
 */
#ifndef LP_CLI_WAIT_H
#define LP_CLI_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "session.h"

struct lp_wait {
	/* set by the caller */
	struct lp_session *session;
	const char *patch; /* whose transition; NULL: whichever is in progress */
	uint64_t limit_ms; /* to wait, from now; 0: none */
	bool reverse_on_interrupt; /* Ctrl-C turns the transition around, and waiting goes on */
	/* ours, valid afterwards */
	bool ended; /* else: the limit, or a second Ctrl-C */
	bool interrupted;
	bool started_seen; /* tasks_* are valid */
	long long tasks_switched, tasks_total;
	uint64_t elapsed_ms;
	json_t *status; /* the last one, or NULL */
};

/* LP_EXIT_DONE with the fields above, or what was printed. */
int lp_wait_run(struct lp_wait *wait);
void lp_wait_deinit(struct lp_wait *wait);

#endif
