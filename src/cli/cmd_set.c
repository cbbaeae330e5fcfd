// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_set.c - suture set PATCH replaceable=0|1 TARGET */
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "session.h"

static int set_one(struct lp_session *session, void *context)
{
	const struct suture_set *payload = context;
	const char *patch = session->options->arguments[0];
	const struct lp_request request = {
		.type = SUTURE_SET,
		.payload = payload,
		.payload_size = sizeof(*payload),
		.string = patch,
	};
	json_t *reply;
	int status;

	status = lp_session_connect(session);
	if (!status)
		status = lp_session_request(session, &request, &reply);
	if (status)
		return status;
	json_object_set_new(reply, "name", json_string(patch));
	json_object_set_new(reply, "replaceable", json_boolean(payload->replaceable));
	if (session->options->json)
		lp_output_json(session->pid, NULL, reply);
	else
		lp_output_line(session->pid, session->comm, "%s is %sreplaceable", patch,
			       payload->replaceable ? "" : "not ");
	json_decref(reply);
	return LP_EXIT_DONE;
}

/* "replaceable=0" or "replaceable=1" */
static bool parse_property(const char *text, struct suture_set *payload)
{
	static const char name[] = "replaceable=";
	const char *value = text + sizeof(name) - 1;

	if (strncmp(text, name, sizeof(name) - 1) || (strcmp(value, "0") && strcmp(value, "1")))
		return false;
	payload->replaceable = *value == '1';
	return true;
}

int lp_cmd_set(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.arguments = "PATCH replaceable=0|1",
		.summary = "Says whether patches of other scopes may replace this one.",
		.groups = LP_OPTIONS_TARGET,
		.min_arguments = 2,
		.max_arguments = 2,
	};
	struct suture_set payload;
	struct lp_options options;
	int status = LP_EXIT_USAGE;

	lp_options_parse(&options, &syntax, argc, argv);
	if (parse_property(options.arguments[1], &payload))
		status = lp_session_each(&options, set_one, &payload);
	else
		fprintf(stderr, "suture set: say replaceable=0 or replaceable=1, not %s\n",
			options.arguments[1]);
	lp_options_deinit(&options);
	return status;
}
