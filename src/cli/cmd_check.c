// SPDX-License-Identifier: LGPL-2.1-or-later
/* cmd_check.c - suture check FIX.lp TARGET */
#include <stdio.h>
#include <string.h>

#include "core/reason.h"
#include "interrupt.h"
#include "looks.h"
#include "output.h"
#include "package.h"
#include "session.h"
#include "status.h"
#include "task.h"

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

static void print_always(const json_t *answer, const json_t *blocker)
{
	char comm[64];

	lp_task_comm((pid_t)lp_reply_integer(blocker, "tid"), comm, sizeof(comm));
	printf("  thread %lld (", lp_reply_integer(blocker, "tid"));
	lp_output_text(stdout, comm);
	fputs("): ", stdout);
	lp_output_text(stdout, lp_reply_string(blocker, "function"));
	printf(" is on its stack all the time (%lld looks in %.1f s): while that is so, the patch "
	       "cannot be completed\n",
	       lp_reply_integer(answer, "looks"),
	       (double)lp_reply_integer(answer, "looked_ms") / 1000);
}

static bool is_always(const json_t *blocker)
{
	return json_is_true(json_object_get(blocker, "always"));
}

/* What can be done about the tasks that block all the time, once for all of them. */
static void print_advice(const json_t *blockers)
{
	const char *loop = NULL;
	bool asleep = false;
	const json_t *blocker;
	size_t i;

	json_array_foreach(blockers, i, blocker) {
		if (!is_always(blocker))
			continue;
		if (json_is_true(json_object_get(blocker, "asleep")))
			asleep = true;
		else if (!loop)
			loop = lp_reply_string(blocker, "function");
	}
	if (asleep)
		puts("  hint: a thread that only sleeps in it may return when that for which it waits "
		     "has come, a request say; if it never does, it is a loop");
	if (!loop && !asleep)
		return;
	fputs("  hint: a loop that never returns cannot be replaced: leave it as it is (`suture "
	      "build --leave ",
	      stdout);
	lp_output_text(stdout, loop ? loop : "FUNCTION");
	puts("`), and change what it calls");
}

static void print_blockers(const json_t *answer)
{
	const json_t *blockers = json_object_get(answer, "blockers"), *blocker;
	size_t i;

	json_array_foreach(blockers, i, blocker) {
		if (is_always(blocker)) {
			print_always(answer, blocker);
			continue;
		}
		fputs("  ", stdout);
		lp_status_print_blocker(stdout, blocker);
		putchar('\n');
	}
	print_advice(blockers);
}

static void print_fitting(const struct lp_session *session, const json_t *answer)
{
	const json_t *blockers = json_object_get(answer, "blockers");

	printf("%d ", (int)session->pid);
	lp_output_text(stdout, session->comm);
	fputs(": fits", stdout);
	print_names(json_object_get(answer, "replaces"));
	if (json_array_size(blockers))
		printf("; %zu tasks would block now", json_array_size(blockers));
	if (json_is_true(json_object_get(answer, "interrupted")))
		printf("; interrupted after %.1f s",
		       (double)lp_reply_integer(answer, "looked_ms") / 1000);
	putchar('\n');
	print_blockers(answer);
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

static int ask(struct lp_session *session, struct lp_looks *looks)
{
	struct lp_reply reply;
	json_t *answer;
	int status;

	lp_looks_open(looks);
	status = lp_session_ask(session, looks->request, &reply);
	if (status)
		return status;
	if (reply.status == LP_EXIT_FAILED)
		return lp_session_refuse(session, &reply);
	answer = complete_answer(&reply);
	json_decref(reply.json);
	status = lp_looks_run(looks, answer);
	if (!status) {
		print_answer(session, answer);
		if (!json_is_true(json_object_get(answer, "fits")))
			status = LP_EXIT_REFUSED;
		else if (looks->interrupted)
			status = LP_EXIT_INCOMPLETE;
	}
	json_decref(answer);
	return status;
}

static int check_one(struct lp_session *session, void *context)
{
	struct suture_apply payload;
	struct lp_request request;
	struct lp_looks looks = { .session = session, .request = &request };
	int status;

	status = lp_session_attach_for_now(session);
	if (status)
		return status;
	lp_package_request(context, session->options, SUTURE_APPLY_DRY_RUN, &payload, &request);
	status = ask(session, &looks);
	lp_looks_close(&looks);
	lp_session_undo_attach(session);
	return status;
}

int lp_cmd_check(int argc, char **argv)
{
	static const struct lp_syntax syntax = {
		.arguments = "FIX.lp",
		.summary =
			"Says whether the patch fits, what is in conflict with it or would be "
			"replaced, and which tasks would block it: now, or all the time. "
			"Changes nothing; an agent that had to be brought in is taken out again.",
		.groups = LP_OPTIONS_TARGET | LP_OPTIONS_CONFLICT | LP_OPTIONS_LOOKS,
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
