// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_apply.c - suture apply FIX.lp TARGET */
#include "change.h"
#include "interrupt.h"
#include "output.h"
#include "package.h"
#include "session.h"

static int start(struct lp_session *session, const struct lp_package *package, json_t **reply)
{
	struct suture_apply payload;
	struct lp_request request;

	/* Interrupted while the agent came in: nothing was asked for yet, so nothing is. */
	if (lp_interrupt_count())
		return lp_session_interrupted(session);
	lp_package_request(package, session->options, 0, &payload, &request);
	return lp_change_start(session, &request, reply);
}

static int apply_one(struct lp_session *session, void *context)
{
	json_t *reply;
	int status;

	status = lp_session_attach_for_now(session);
	if (status)
		return status;
	status = start(session, context, &reply);
	if (!status) {
		status = lp_change_finish(session, lp_reply_string(reply, "name"), true, reply);
		json_decref(reply);
	}
	/*
	 * A patch that was refused, or turned around, leaves the process as it was. The agent itself
	 * knows whether it is so far, and does not leave before.
	 */
	if (status)
		lp_session_undo_attach(session);
	return status;
}

int lp_cmd_apply(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.arguments = "FIX.lp",
		.summary = "Brings the patch into the processes and waits until every task of them "
			   "runs it. Ctrl-C turns it around.",
		.groups = LP_OPTIONS_TARGET | LP_OPTIONS_WAIT | LP_OPTIONS_DEADLINE |
			  LP_OPTIONS_CONFLICT | LP_OPTIONS_UNDO,
		.min_arguments = 1,
		.max_arguments = 1,
	};
	struct lp_package package;
	struct lp_options options;
	int status;

	lp_options_parse(&options, &syntax, argc, argv);
	lp_interrupt_catch();
	status = lp_package_open(&package, options.arguments[0], options.json);
	if (!status) {
		status = lp_session_each_of(&options, lp_package_fits, &package, LP_EXIT_REFUSED,
					    apply_one, &package);
		lp_package_close(&package);
	}
	lp_options_deinit(&options);
	return status;
}
