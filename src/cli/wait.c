// SPDX-License-Identifier: LGPL-2.1-or-later
/* wait.c - see wait.h. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "assist.h"
#include "interrupt.h"
#include "output.h"
#include "status.h"
#include "wait.h"

#define STEP_MS 200 /* Ctrl-C and blockers that need help wait so long at most */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void erase_progress(bool drawn)
{
	if (drawn)
		fputs("\r\033[K", stderr);
}

static bool draw_progress(const struct lp_wait *wait, const json_t *transition)
{
	const json_t *blocker = json_array_get(json_object_get(transition, "blockers"), 0);

	if (wait->session->options->json || !isatty(STDERR_FILENO))
		return false;
	fputs("\r\033[K", stderr);
	lp_output_text(stderr, lp_reply_string(transition, "patch"));
	fprintf(stderr, ": %lld/%lld tasks, %.1f s", wait->tasks_switched, wait->tasks_total,
		(double)wait->elapsed_ms / 1000);
	if (blocker) {
		fputs(", ", stderr);
		lp_status_print_blocker(stderr, blocker);
	}
	fflush(stderr);
	return true;
}

/* Nothing is printed of a refusal: the transition may just have ended. */
static void reverse(struct lp_wait *wait)
{
	struct lp_inject_error error;
	struct lp_reply reply;

	wait->interrupted = true;
	if (!lp_client_request(&wait->session->client,
			       &(struct lp_request){ .type = SUTURE_REVERSE }, &reply, &error))
		json_decref(reply.json);
}

static void note_tasks(struct lp_wait *wait, const json_t *transition)
{
	const json_t *tasks = json_object_get(transition, "tasks");

	wait->started_seen = true;
	wait->tasks_switched = lp_reply_integer(tasks, "switched");
	wait->tasks_total = lp_reply_integer(tasks, "total");
}

/* The transition that we wait for, or NULL when it has ended. */
static const json_t *awaited(const struct lp_wait *wait)
{
	const json_t *transition = lp_status_transition(wait->status);

	if (transition && wait->patch && strcmp(lp_reply_string(transition, "patch"), wait->patch))
		return NULL;
	return transition;
}

static int step(struct lp_wait *wait, uint64_t left_ms)
{
	const struct suture_wait payload = {
		.timeout_ms = left_ms < STEP_MS ? (uint32_t)left_ms : STEP_MS,
	};
	json_t *status;
	int result;

	result = lp_session_request(wait->session,
				    &(struct lp_request){ .type = SUTURE_WAIT,
							  .payload = &payload,
							  .payload_size = sizeof(payload) },
				    &status);
	if (result)
		return result;
	json_decref(wait->status);
	wait->status = status;
	return LP_EXIT_DONE;
}

int lp_wait_run(struct lp_wait *wait)
{
	const uint64_t start_ms = now_ms();
	bool drawn = false;
	int result;

	for (;;) {
		uint64_t left_ms = STEP_MS;
		const json_t *transition;

		if (wait->limit_ms)
			left_ms = wait->elapsed_ms < wait->limit_ms ?
					  wait->limit_ms - wait->elapsed_ms :
					  0;
		result = step(wait, left_ms);
		wait->elapsed_ms = now_ms() - start_ms;
		transition = result ? NULL : awaited(wait);
		wait->ended = !result && !transition;
		if (!transition)
			break;
		note_tasks(wait, transition);
		if (lp_interrupt_count() > (wait->interrupted ? 1u : 0u)) {
			if (!wait->reverse_on_interrupt || wait->interrupted)
				break;
			reverse(wait);
		} else if (wait->limit_ms && wait->elapsed_ms >= wait->limit_ms) {
			break;
		}
		drawn |= draw_progress(wait, transition);
		lp_assist_blockers(wait->session->pid, json_object_get(transition, "blockers"));
	}
	erase_progress(drawn);
	return result;
}

void lp_wait_deinit(struct lp_wait *wait)
{
	json_decref(wait->status);
	wait->status = NULL;
}
