// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * watch.c - see watch.h.
 *
 * While there is a transition, the agent's answer to SUTURE_WAIT sets the pace: at its end at the
 * latest. Otherwise the end of a process wakes us up, or a second that is over.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "interrupt.h"
#include "output.h"
#include "status.h"
#include "watch.h"

#define BUSY_STEP_MS 200
#define IDLE_STEP_MS 1000

struct watch {
	struct lp_session *sessions;
	json_t **statuses; /* one of each session, NULL: not asked yet */
	size_t count;
};

static void drop(struct watch *watch, size_t i)
{
	lp_session_deinit(&watch->sessions[i]);
	json_decref(watch->statuses[i]);
	watch->count--;
	watch->sessions[i] = watch->sessions[watch->count];
	watch->statuses[i] = watch->statuses[watch->count];
}

static int open_watch(struct watch *watch, const struct lp_options *options,
		      const struct lp_targets *targets)
{
	int status = LP_EXIT_DONE;

	*watch = (struct watch){
		.sessions = calloc(targets->count, sizeof(*watch->sessions)),
		.statuses = calloc(targets->count, sizeof(*watch->statuses)),
	};
	if (!watch->sessions || !watch->statuses)
		return LP_EXIT_FAILED;
	for (size_t i = 0; i < targets->count; i++) {
		struct lp_session *session = &watch->sessions[watch->count];

		if (lp_session_init(session, options, targets->pids[i]) &&
		    lp_session_connect(session) == LP_EXIT_DONE)
			watch->count++;
		else
			status = LP_EXIT_REFUSED;
	}
	return status;
}

static void close_watch(struct watch *watch)
{
	while (watch->count)
		drop(watch, watch->count - 1);
	free(watch->sessions);
	free(watch->statuses);
}

static bool in_transition(const struct watch *watch, size_t i)
{
	return lp_status_transition(watch->statuses[i]) != NULL;
}

static int ask(struct watch *watch, size_t i, const char *patch, bool wait)
{
	const struct suture_wait payload = { .timeout_ms = BUSY_STEP_MS };
	const struct lp_request request = {
		.type = SUTURE_WAIT,
		.payload = &payload,
		.payload_size = sizeof(payload),
	};
	json_t *reply;
	int status = LP_EXIT_DONE;

	if (wait) {
		status = lp_session_request(&watch->sessions[i], &request, &reply);
		if (!status)
			json_decref(reply);
	}
	if (!status)
		status = lp_session_status(&watch->sessions[i], patch, &reply);
	if (status)
		return status;
	json_decref(watch->statuses[i]);
	watch->statuses[i] = reply;
	return LP_EXIT_DONE;
}

/* One transition sets the pace, the others are only looked at. */
static void ask_all(struct watch *watch, const char *patch)
{
	bool waited = false;

	for (size_t i = 0; i < watch->count;) {
		bool wait = !waited && in_transition(watch, i);

		waited |= wait;
		if (ask(watch, i, patch, wait))
			drop(watch, i);
		else
			i++;
	}
}

static void draw(const struct watch *watch)
{
	bool terminal = isatty(STDOUT_FILENO);

	for (size_t i = 0; i < watch->count; i++) {
		const struct lp_session *session = &watch->sessions[i];

		if (session->options->json) {
			lp_output_json(session->pid, session->comm, watch->statuses[i]);
			continue;
		}
		if (terminal && !i)
			fputs("\033[H\033[J", stdout);
		lp_status_print(session->pid, session->comm, watch->statuses[i]);
	}
}

static void pause_idle(const struct watch *watch)
{
	struct pollfd *pollers = calloc(watch->count, sizeof(*pollers));

	for (size_t i = 0; pollers && i < watch->count; i++)
		pollers[i].fd = watch->sessions[i].client.fd; /* POLLHUP is always asked for */
	poll(pollers, pollers ? watch->count : 0, IDLE_STEP_MS);
	free(pollers);
}

static bool any_in_transition(const struct watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		if (in_transition(watch, i))
			return true;
	return false;
}

static int watch_targets(const struct lp_options *options, const struct lp_targets *targets,
			 const char *patch)
{
	struct watch watch;
	int status;

	status = open_watch(&watch, options, targets);
	while (watch.count && !lp_interrupt_count()) {
		ask_all(&watch, patch);
		draw(&watch);
		if (ferror(stdout)) { /* nobody reads it any more, or the disk is full */
			status = LP_EXIT_FAILED;
			break;
		}
		if (!any_in_transition(&watch) && !lp_interrupt_count())
			pause_idle(&watch);
	}
	close_watch(&watch);
	return status;
}

int lp_watch_run(const struct lp_options *options, const char *patch)
{
	struct lp_targets targets;
	int status;

	lp_interrupt_catch();
	status = lp_session_select(&targets, options, lp_target_has_agent, NULL,
				   lp_options_only_all(options) ? LP_EXIT_DONE : LP_EXIT_REFUSED);
	if (!status)
		status = watch_targets(options, &targets, patch);
	lp_targets_deinit(&targets);
	return status;
}
