/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * change.h - a request that starts a transition, from the queue to its end, and what is told of it.
 */
#ifndef LP_CLI_CHANGE_H
#define LP_CLI_CHANGE_H

#include "session.h"

/*
 * Sends the request; while another transition is in progress, waits for its end and sends again,
 * for options->timeout_ms (not with --no-wait). LP_EXIT_DONE with *reply, or what was printed.
 */
int lp_change_start(struct lp_session *session, const struct lp_request *request, json_t **reply);

/*
 * Waits for the end of the transition of `patch`, unless --no-wait, and tells how it ended: well if
 * the patch is then enabled, or not, as wanted. `reply` is part of what is told. Returns an exit
 * status.
 */
int lp_change_finish(struct lp_session *session, const char *patch, bool want_enabled,
		     const json_t *reply);

/*
 * Sends a request about the transition in progress, reverse or force, and does the same. Every end is a
 * good one: `done` names it.
 */
int lp_change_turn(struct lp_session *session, enum suture_type type, const char *done);

#endif
