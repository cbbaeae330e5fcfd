// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_detach.c - suture detach TARGET */
#include "output.h"
#include "session.h"

static int detach_one(struct lp_session *session, void *context)
{
	json_t *body;
	int status;

	(void)context;
	status = lp_session_connect(session);
	if (!status)
		status = lp_session_detach(session);
	if (status)
		return status;
	if (!session->options->json) {
		lp_output_line(session->pid, session->comm, "detached");
		return LP_EXIT_DONE;
	}
	body = json_object();
	json_object_set_new(body, "attached", json_false());
	lp_output_json(session->pid, session->comm, body);
	json_decref(body);
	return LP_EXIT_DONE;
}

int lp_cmd_detach(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.summary =
			"Takes the agent out and leaves nothing behind. Refused while a patch is "
			"enabled.",
		.groups = LP_OPTIONS_TARGET,
	};
	struct lp_options options;
	int status;

	lp_options_parse(&options, &syntax, argc, argv);
	status = lp_session_each(&options, detach_one, NULL);
	lp_options_deinit(&options);
	return status;
}
