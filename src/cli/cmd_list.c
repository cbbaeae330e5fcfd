// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_list.c - suture list [TARGET] */
#include <stdio.h>

#include "output.h"
#include "session.h"

static json_t *enabled_names(const json_t *status)
{
	const json_t *patch;
	json_t *names = json_array();
	size_t i;

	json_array_foreach(json_object_get(status, "patches"), i, patch)
		if (json_is_true(json_object_get(patch, "enabled")))
			json_array_append(names, json_object_get(patch, "name"));
	return names;
}

/* What undo would do, as part of the line. */
static void print_undo(const json_t *undo)
{
	const json_t *name;
	size_t i;

	if (!json_is_object(undo))
		return;
	fputs("; undo: ", stdout);
	json_array_foreach(json_object_get(undo, "returns"), i, name) {
		fputs(i ? ", " : "", stdout);
		lp_output_text(stdout, json_is_string(name) ? json_string_value(name) : "?");
	}
	fputs(" for ", stdout);
	lp_output_text(stdout, lp_reply_string(undo, "name"));
}

static void print_names(const struct lp_session *session, const json_t *names, const json_t *undo)
{
	const json_t *name;
	size_t i;

	printf("%d ", (int)session->pid);
	lp_output_text(stdout, session->comm);
	fputs(json_array_size(names) ? ":" : ": no patches", stdout);
	json_array_foreach(names, i, name) {
		fputs(i ? ", " : " ", stdout);
		lp_output_text(stdout, json_is_string(name) ? json_string_value(name) : "?");
	}
	print_undo(undo);
	putchar('\n');
}

static int list_one(struct lp_session *session, void *context)
{
	json_t *reply, *names;
	int status;

	(void)context;
	status = lp_session_connect(session);
	if (!status)
		status = lp_session_status(session, "", &reply);
	if (status)
		return status;
	names = enabled_names(reply);
	if (session->options->json) {
		json_t *body = json_object();

		json_object_set(body, "patches", names);
		json_object_set(body, "undo", json_object_get(reply, "undo"));
		lp_output_json(session->pid, session->comm, body);
		json_decref(body);
	} else {
		print_names(session, names, json_object_get(reply, "undo"));
	}
	json_decref(names);
	json_decref(reply);
	return LP_EXIT_DONE;
}

int lp_cmd_list(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.summary =
			"The names of the enabled patches, one process per line. Without TARGET: "
			"of every process that has an agent.",
		.groups = LP_OPTIONS_TARGET,
		.all_is_default = true,
	};
	struct lp_options options;
	int status;

	lp_options_parse(&options, &syntax, argc, argv);
	status = lp_session_each_of(&options, lp_target_has_agent, NULL,
				    lp_options_only_all(&options) ? LP_EXIT_DONE : LP_EXIT_REFUSED,
				    list_one, NULL);
	lp_options_deinit(&options);
	return status;
}
