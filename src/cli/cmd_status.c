// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_status.c - suture status [PATCH] [TARGET] [--watch] */
#include "core/reason.h"
#include "output.h"
#include "session.h"
#include "status.h"
#include "watch.h"

static int refuse_unknown(const struct lp_session *session)
{
	/* Of all processes only those that have the patch are meant. */
	if (lp_options_only_all(session->options))
		return LP_EXIT_DONE;
	lp_output_error(session->options->json, session->pid,
			lp_reason_word(LP_REASON_NO_SUCH_PATCH),
			lp_reason_text(LP_REASON_NO_SUCH_PATCH));
	return LP_EXIT_REFUSED;
}

static int status_one(struct lp_session *session, void *context)
{
	const char *patch = context;
	json_t *reply;
	int status;

	status = lp_session_connect(session);
	if (!status)
		status = lp_session_status(session, patch, &reply);
	if (status)
		return status;
	if (*patch && !lp_status_patch(reply, patch))
		status = refuse_unknown(session);
	else if (session->options->json)
		lp_output_json(session->pid, session->comm, reply);
	else
		lp_status_print(session->pid, session->comm, reply);
	json_decref(reply);
	return status;
}

int lp_cmd_status(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.arguments = "[PATCH]",
		.summary =
			"Patches, the transition in progress and the tasks that block it. Without "
			"TARGET: of every process that has an agent.",
		.groups = LP_OPTIONS_TARGET | LP_OPTIONS_WATCH,
		.max_arguments = 1,
		.all_is_default = true,
	};
	struct lp_options options;
	const char *patch;
	int status;

	lp_options_parse(&options, &syntax, argc, argv);
	patch = options.n_arguments ? options.arguments[0] : "";
	if (options.watch)
		status = lp_watch_run(&options, patch);
	else
		status = lp_session_each_of(&options, lp_target_has_agent, NULL,
					    lp_options_only_all(&options) ? LP_EXIT_DONE :
									    LP_EXIT_REFUSED,
					    status_one, (void *)patch);
	lp_options_deinit(&options);
	return status;
}
