// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_check.c - suture check FIX.lp TARGET */
#include <stdio.h>
#include <string.h>

#include "core/reason.h"
#include "interrupt.h"
#include "output.h"
#include "package.h"
#include "session.h"
#include "status.h"

/* A refusal of the file itself says only why: the other members are there nevertheless. */
static json_t *complete_answer(const struct lp_reply *reply)
{
	static const char *const lists[] = { "reasons", "conflicts", "replaces", "blockers" };
	const json_t *fits = json_object_get(reply->json, "fits");
	json_t *answer = json_object();

	json_object_set_new(answer, "fits",
			    json_boolean(reply->status == LP_EXIT_DONE && !json_is_false(fits)));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		json_t *list = json_object_get(reply->json, lists[i]);

		if (json_is_array(list))
			json_object_set(answer, lists[i], list);
		else
			json_object_set_new(answer, lists[i], json_array());
	}
	return answer;
}

static void print_names(const json_t *names)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		fputs(i ? ", " : "; replaces ", stdout);
		lp_output_text(stdout, json_is_string(name) ? json_string_value(name) : "?");
	}
}

static void print_fitting(const struct lp_session *session, const json_t *answer)
{
	const json_t *blockers = json_object_get(answer, "blockers"), *blocker;
	size_t i;

	printf("%d ", (int)session->pid);
	lp_output_text(stdout, session->comm);
	fputs(": fits", stdout);
	print_names(json_object_get(answer, "replaces"));
	if (json_array_size(blockers))
		printf("; %zu tasks would block now", json_array_size(blockers));
	putchar('\n');
	json_array_foreach(blockers, i, blocker) {
		fputs("  ", stdout);
		lp_status_print_blocker(stdout, blocker);
		putchar('\n');
	}
	fflush(stdout);
}

static void print_answer(const struct lp_session *session, const json_t *answer)
{
	if (session->options->json)
		lp_output_json(session->pid, NULL, answer);
	else if (json_is_true(json_object_get(answer, "fits")))
		print_fitting(session, answer);
	else if (!lp_output_refusal(false, session->pid, answer))
		lp_output_error(false, session->pid, lp_reason_word(LP_REASON_SYSTEM),
				"the patch does not fit");
}

static int ask(struct lp_session *session, const struct lp_package *package)
{
	struct suture_apply payload;
	struct lp_request request;
	struct lp_reply reply;
	json_t *answer;
	int status;

	lp_package_request(package, session->options, SUTURE_APPLY_DRY_RUN, &payload, &request);
	status = lp_session_ask(session, &request, &reply);
	if (status)
		return status;
	if (reply.status == LP_EXIT_FAILED)
		return lp_session_refuse(session, &reply);
	answer = complete_answer(&reply);
	json_decref(reply.json);
	print_answer(session, answer);
	status = json_is_true(json_object_get(answer, "fits")) ? LP_EXIT_DONE : LP_EXIT_REFUSED;
	json_decref(answer);
	return status;
}

static int check_one(struct lp_session *session, void *context)
{
	int status;

	status = lp_session_attach(session);
	if (status)
		return status;
	status = ask(session, context);
	lp_session_undo_attach(session);
	return status;
}

int lp_cmd_check(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.arguments = "FIX.lp",
		.summary =
			"Says whether the patch fits, what is in conflict with it or would be "
			"replaced, and which tasks would block it now. Changes nothing; an agent "
			"that had to be brought in is taken out again.",
		.groups = LP_OPTIONS_TARGET | LP_OPTIONS_CONFLICT,
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
					    check_one, &package);
		lp_package_close(&package);
	}
	lp_options_deinit(&options);
	return status;
}
