// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_undo.c - suture undo TARGET */
#include "change.h"
#include "interrupt.h"
#include "output.h"
#include "session.h"

static int undo_one(struct lp_session *session, void *context)
{
	const struct suture_disable payload = {
		.timeout_ms = session->options->timeout_ms,
		.on_timeout = session->options->on_timeout,
	};
	const struct lp_request request = {
		.type = SUTURE_UNDO,
		.payload = &payload,
		.payload_size = sizeof(payload),
		.string = "",
	};
	json_t *reply;
	int status;

	(void)context;
	status = lp_session_connect(session);
	if (!status)
		status = lp_change_start(session, &request, &reply);
	if (status)
		return status;
	status = lp_change_finish(session, lp_reply_string(reply, "name"), false, reply);
	json_decref(reply);
	return status;
}

int lp_cmd_undo(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.summary =
			"Brings back what the last apply replaced, all of it in one transition; the "
			"patch that replaced it goes. `suture list` says what that would be.",
		.groups = LP_OPTIONS_TARGET | LP_OPTIONS_WAIT | LP_OPTIONS_DEADLINE,
	};
	struct lp_options options;
	int status;

	lp_options_parse(&options, &syntax, argc, argv);
	lp_interrupt_catch();
	status = lp_session_each(&options, undo_one, NULL);
	lp_options_deinit(&options);
	return status;
}
