// SPDX-License-Identifier: LGPL-2.1-or-later
/* change.c - see change.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "core/reason.h"
#include "output.h"
#include "status.h"
#include "wait.h"

#define LOG_NAME_MAX 63 /* the agent cuts longer ones off in its log */
#define GRACE_MS 10000 /* for what a timeout sets going, a reverse say: at least so long */

static bool is_busy(const struct lp_reply *reply)
{
	const json_t *reasons = json_object_get(reply->json, "reasons"), *reason;
	size_t i;

	if (reply->status != LP_EXIT_REFUSED)
		return false;
	json_array_foreach(reasons, i, reason)
		if (!strcmp(lp_reply_string(reason, "reason"),
			    lp_reason_word(LP_REASON_BUSY_TRANSITION)))
			return true;
	return false;
}

/* Whether it is worth to ask again; *status: what was printed. */
static bool wait_for_turn(struct lp_session *session, uint64_t *left_ms, int *status)
{
	struct lp_wait wait = { .session = session, .limit_ms = *left_ms };
	bool ended;

	*status = lp_wait_run(&wait);
	ended = !*status && wait.ended;
	if (*left_ms)
		*left_ms = wait.elapsed_ms < *left_ms ? *left_ms - wait.elapsed_ms : 1;
	lp_wait_deinit(&wait);
	return ended;
}

int lp_change_start(struct lp_session *session, const struct lp_request *request, json_t **reply)
{
	uint64_t left_ms = session->options->timeout_ms;
	struct lp_reply answer;
	int status;

	for (;;) {
		status = lp_session_ask(session, request, &answer);
		if (status)
			return status;
		if (answer.status == LP_EXIT_DONE) {
			*reply = answer.json;
			return LP_EXIT_DONE;
		}
		if (session->options->no_wait || !is_busy(&answer))
			return lp_session_refuse(session, &answer);
		if (!wait_for_turn(session, &left_ms, &status)) {
			if (!status)
				return lp_session_refuse(session, &answer);
			json_decref(answer.json);
			return status;
		}
		json_decref(answer.json);
	}
}

static uint64_t waiting_limit(const struct lp_options *options)
{
	uint64_t timeout_ms = options->timeout_ms;

	if (!timeout_ms || options->on_timeout == SUTURE_LEAVE)
		return timeout_ms;
	return timeout_ms + (timeout_ms > GRACE_MS ? timeout_ms : GRACE_MS);
}

static void print_names(FILE *stream, const char *before, const json_t *names, const char *after)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		fputs(i ? ", " : before, stream);
		lp_output_text(stream, json_is_string(name) ? json_string_value(name) : "?");
	}
	if (json_array_size(names))
		fputs(after, stream);
}

static void tell_incomplete(const struct lp_wait *wait, const char *patch)
{
	const json_t *transition = lp_status_transition(wait->status);
	const json_t *blocker = json_array_get(json_object_get(transition, "blockers"), 0);

	fprintf(stderr, "suture: %d: the transition", (int)wait->session->pid);
	fputs(patch ? " of " : "", stderr);
	lp_output_text(stderr, patch ? patch : "");
	fprintf(stderr, " is not complete after %llu ms: %lld of %lld tasks",
		(unsigned long long)wait->elapsed_ms, wait->tasks_switched, wait->tasks_total);
	if (blocker) {
		fputs(", ", stderr);
		lp_status_print_blocker(stderr, blocker);
	}
	fputs("\n  hint: it goes on by itself; `suture status` shows it, `suture reverse` turns it "
	      "around\n",
	      stderr);
}

static void tell_reversed(const struct lp_wait *wait, const char *patch)
{
	const struct lp_options *options = wait->session->options;
	bool in_time = wait->interrupted || options->on_timeout != SUTURE_REVERSE_IT ||
		       !options->timeout_ms || wait->elapsed_ms < options->timeout_ms;

	fprintf(stderr, "suture: %d: the transition of ", (int)wait->session->pid);
	lp_output_text(stderr, patch);
	if (in_time)
		fputs(" was reversed\n", stderr);
	else
		fprintf(stderr, " was reversed: not complete within %u ms\n", options->timeout_ms);
}

static void tell_done(const struct lp_session *session, const char *patch, const char *word,
		      uint64_t elapsed_ms, const json_t *reply)
{
	printf("%d ", (int)session->pid);
	lp_output_text(stdout, session->comm);
	fputs(": ", stdout);
	lp_output_text(stdout, patch ? patch : "transition");
	printf(" %s", word);
	if (!session->options->no_wait)
		printf(", %llu ms", (unsigned long long)elapsed_ms);
	print_names(stdout, "; brings back ", json_object_get(reply, "returns"), "");
	print_names(stdout, "; replaces ", json_object_get(reply, "replaces"), "");
	print_names(stdout, "; back to the original: ", json_object_get(reply, "reverts"), "");
	putchar('\n');
	fflush(stdout);
}

static void tell_json(const struct lp_session *session, const char *patch, const char *word,
		      const struct lp_wait *wait, const json_t *reply)
{
	const json_t *transition = wait ? lp_status_transition(wait->status) : NULL;
	json_t *body = json_object();

	if (patch)
		json_object_set_new(body, "name", json_string(patch));
	json_object_set_new(body, "result", json_string(word));
	if (wait)
		json_object_set_new(body, "elapsed_ms", json_integer((json_int_t)wait->elapsed_ms));
	if (wait && !wait->ended && transition)
		json_object_set(body, "transition", (json_t *)transition);
	json_object_update_missing(body, (json_t *)reply);
	lp_output_json(session->pid, NULL, body);
	json_decref(body);
}

static bool is_about(const json_t *event, const char *patch)
{
	const char *name = lp_reply_string(event, "patch");
	size_t length = strlen(name);

	return !strcmp(name, patch) || (length >= LOG_NAME_MAX && !strncmp(name, patch, length));
}

/* How the last transition of a patch came to its end, as the log has it. */
struct course {
	bool turned; /* around, and not back again */
	bool forced;
};

static void follow(struct course *course, const char *word)
{
	if (!strcmp(word, "apply") || !strcmp(word, "disable") || !strcmp(word, "undo"))
		*course = (struct course){ 0 };
	else if (!strcmp(word, "reverse"))
		course->turned = !course->turned;
	else if (!strcmp(word, "abandon")) /* before any task switched */
		course->turned = true;
	else if (!strcmp(word, "force"))
		course->forced = true;
}

/* False: it cannot be read. */
static bool read_course(const struct lp_wait *wait, const char *patch, struct course *course)
{
	struct lp_inject_error error;
	struct lp_reply reply;
	const json_t *event;
	size_t i;

	*course = (struct course){ 0 };
	if (lp_client_request(&wait->session->client, &(struct lp_request){ .type = SUTURE_LOG },
			      &reply, &error))
		return false;
	json_array_foreach(json_object_get(reply.json, "events"), i, event)
		if (is_about(event, patch))
			follow(course, lp_reply_string(event, "event"));
	json_decref(reply.json);
	return true;
}

/*
 * Whether consistency was given up to come to this end: by --on-timeout, or by an operator meanwhile.
 * A patch that is in says so itself; of one that is out only the log does.
 */
static bool was_forced(const struct lp_wait *wait, const char *patch)
{
	const json_t *in = patch ? lp_status_patch(wait->status, patch) : NULL;
	struct course course;

	if (!patch || in)
		return json_is_true(json_object_get(in, "forced"));
	return read_course(wait, patch, &course) && course.forced;
}

static bool has_name(const json_t *names, const char *wanted)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
		if (json_is_string(name) && !strcmp(json_string_value(name), wanted))
			return true;
	return false;
}

/*
 * Whether it ended where it was to. One of two patches of the same name is in at either end: then only the
 * log tells.
 */
static bool has_arrived(const struct lp_wait *wait, const char *patch, bool want_enabled,
			const json_t *reply)
{
	struct course course;

	if (!wait->ended)
		return false;
	if (has_name(json_object_get(reply, "replaces"), patch) ||
	    has_name(json_object_get(reply, "returns"), patch))
		return read_course(wait, patch, &course) && !course.turned;
	return lp_status_enabled(wait->status, patch) == want_enabled;
}

/* After the waiting: says how it ended, as `good` or not. */
static int tell(const struct lp_wait *wait, const char *patch, const char *good, bool is_good,
		const json_t *reply)
{
	const char *word;

	if (wait->ended && is_good && was_forced(wait, patch))
		good = "forced";
	word = !wait->ended ? "incomplete" : is_good ? good : "reversed";
	if (wait->session->options->json)
		tell_json(wait->session, patch, word, wait, reply);
	else if (!wait->ended)
		tell_incomplete(wait, patch);
	else if (is_good)
		tell_done(wait->session, patch, good, wait->elapsed_ms, reply);
	else
		tell_reversed(wait, patch);
	return wait->ended && is_good ? LP_EXIT_DONE : LP_EXIT_INCOMPLETE;
}

static int tell_started(struct lp_session *session, const char *patch, const json_t *reply)
{
	if (session->options->json)
		tell_json(session, patch, "started", NULL, reply);
	else
		tell_done(session, patch, "started", 0, reply);
	return LP_EXIT_DONE;
}

int lp_change_finish(struct lp_session *session, const char *patch, bool want_enabled,
		     const json_t *reply)
{
	struct lp_wait wait = {
		.session = session,
		.patch = patch,
		.limit_ms = waiting_limit(session->options),
		.reverse_on_interrupt = true,
	};
	int status;

	if (session->options->no_wait)
		return tell_started(session, patch, reply);
	status = lp_wait_run(&wait);
	if (!status)
		status = tell(&wait, patch, want_enabled ? "enabled" : "disabled",
			      has_arrived(&wait, patch, want_enabled, reply), reply);
	lp_wait_deinit(&wait);
	return status;
}

static int turned(struct lp_session *session, const char *patch, const char *done)
{
	struct lp_wait wait = {
		.session = session,
		.patch = patch,
		.limit_ms = session->options->timeout_ms,
	};
	int status;

	if (session->options->no_wait)
		return tell_started(session, patch, NULL);
	status = lp_wait_run(&wait);
	if (!status)
		status = tell(&wait, patch, done, true, NULL);
	lp_wait_deinit(&wait);
	return status;
}

int lp_change_turn(struct lp_session *session, enum suture_type type, const char *done)
{
	json_t *before, *reply;
	const char *patch;
	int status;

	/* Its name, first: when the request is answered the transition may be over. */
	status = lp_session_status(session, "", &before);
	if (status)
		return status;
	patch = json_string_value(json_object_get(lp_status_transition(before), "patch"));
	status = lp_session_request(session, &(struct lp_request){ .type = (uint16_t)type },
				    &reply);
	if (!status) {
		json_decref(reply);
		status = turned(session, patch, done);
	}
	json_decref(before);
	return status;
}
