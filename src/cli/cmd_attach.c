// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_attach.c - suture attach TARGET */
#include "output.h"
#include "session.h"

static void print_json(const struct lp_session *session)
{
	json_t *body = json_object();

	json_object_set_new(body, "attached", json_true());
	json_object_set_new(body, "injected", json_boolean(session->injected));
	json_object_set_new(body, "for_now", json_boolean(lp_claim_is_passing(&session->claim)));
	if (session->injected) {
		json_object_set_new(body, "tid", json_integer(session->inject.tid));
		json_object_set_new(body, "stopped_us",
				    json_integer((json_int_t)session->inject.stopped_us));
	}
	lp_output_json(session->pid, session->comm, body);
	json_decref(body);
}

static int attach_one(struct lp_session *session, void *context)
{
	int status = lp_session_attach(session);

	(void)context;
	if (status)
		return status;
	if (session->options->json)
		print_json(session);
	else if (session->injected)
		lp_output_line(session->pid, session->comm,
			       "attached; thread %d was stopped for %llu us",
			       (int)session->inject.tid,
			       (unsigned long long)session->inject.stopped_us);
	else if (lp_claim_is_passing(&session->claim))
		lp_output_line(session->pid, session->comm,
			       "already attached, for now: the command that brought the agent in "
			       "takes it out when it ends");
	else
		lp_output_line(session->pid, session->comm, "already attached");
	return LP_EXIT_DONE;
}

int lp_cmd_attach(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.summary = "Brings the agent into the processes; apply does so by itself.",
		.groups = LP_OPTIONS_TARGET,
	};
	struct lp_options options;
	int status;

	lp_options_parse(&options, &syntax, argc, argv);
	status = lp_session_each(&options, attach_one, NULL);
	lp_options_deinit(&options);
	return status;
}
