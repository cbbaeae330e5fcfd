// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_disable.c - suture disable PATCH TARGET */
#include "change.h"
#include "interrupt.h"
#include "session.h"

static int disable_one(struct lp_session *session, void *context)
{
	const char *patch = context;
	const struct suture_disable payload = {
		.timeout_ms = session->options->timeout_ms,
		.on_timeout = session->options->on_timeout,
	};
	const struct lp_request request = {
		.type = SUTURE_DISABLE,
		.payload = &payload,
		.payload_size = sizeof(payload),
		.string = patch,
	};
	json_t *reply;
	int status;

	status = lp_session_connect(session);
	if (!status)
		status = lp_change_start(session, &request, &reply);
	if (status)
		return status;
	status = lp_change_finish(session, patch, false, reply);
	json_decref(reply);
	return status;
}

int lp_cmd_disable(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.arguments = "PATCH",
		.summary = "Takes the patch of this name out again, task by task.",
		.groups = LP_OPTIONS_TARGET | LP_OPTIONS_WAIT | LP_OPTIONS_DEADLINE,
		.min_arguments = 1,
		.max_arguments = 1,
	};
	struct lp_options options;
	int status;

	lp_options_parse(&options, &syntax, argc, argv);
	lp_interrupt_catch();
	status = lp_session_each(&options, disable_one, (void *)options.arguments[0]);
	lp_options_deinit(&options);
	return status;
}
