/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "request.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "clock.h"
#include "detach.h"
#include "dry_run.h"
#include "eventlog.h"
#include "loaded.h"
#include "status.h"

#define REFUSALS_MAX 256
#define WAIT_MAX_MS 60000u

enum { DONE = 0, REFUSED = 1, FAILED = 3 };

static void reply_text(const struct lp_request *request, int status, struct lp_json *json)
{
	lp_control_reply(request->client, request->type, status, json);
	lp_json_deinit(json);
}

static void reply_empty(const struct lp_request *request)
{
	struct lp_json json = { 0 };

	lp_json_open(&json, NULL, '{');
	lp_json_close(&json, '}');
	reply_text(request, DONE, &json);
}

static int status_of(int error)
{
	switch (error) {
	case -ECANCELED:
	case -EBUSY:
	case -ENOENT:
	case -EINVAL:
	case -EAGAIN:
		return REFUSED;
	}
	return FAILED;
}

static void reply_refused(const struct lp_request *request, int error, struct lp_report *report,
			  const char *why)
{
	struct lp_json json = { 0 };

	if (!report->total)
		lp_report_add(report, (struct lp_refusal){ .reason = error == -ENOMEM ?
									     LP_REASON_NO_MEMORY :
									     LP_REASON_SYSTEM });
	lp_status_write_refusals(&json, report, why);
	reply_text(request, status_of(error), &json);
}

static void reply_result(const struct lp_request *request, int error, struct lp_report *report)
{
	if (error == 0)
		reply_empty(request);
	else
		reply_refused(request, error, report, NULL);
}

/* The name that follows the fixed part of a request; NULL: there is none, or it is too long. */
static const char *name_after(const struct lp_request *request, size_t fixed)
{
	const char *name = (const char *)request->payload + fixed;
	size_t length;

	if (request->size < fixed)
		return NULL;
	length = strnlen(name, request->size - fixed);
	return length <= SUTURE_NAME_MAX ? name : NULL;
}

static void refuse_malformed(const struct lp_request *request, struct lp_report *report)
{
	lp_report_add(report, (struct lp_refusal){ .reason = LP_REASON_BAD_FILE });
	reply_refused(request, -EINVAL, report, "the request is malformed");
}

static enum lp_on_timeout policy_of(uint32_t on_timeout)
{
	return on_timeout == SUTURE_REVERSE_IT ? LP_TIMEOUT_REVERSE :
	       on_timeout == SUTURE_FORCE_IT   ? LP_TIMEOUT_FORCE :
						 LP_TIMEOUT_LEAVE;
}

static struct lp_deadline deadline_of(uint32_t timeout_ms, uint32_t on_timeout)
{
	return (struct lp_deadline){ .timeout_ns = timeout_ms * 1000000ull,
				     .policy = policy_of(on_timeout) };
}

/* --- apply --- */

static void reply_applied(struct lp_agent *agent, const struct lp_request *request,
			  const struct lp_loaded *loaded)
{
	struct lp_json json = { 0 };

	lp_json_open(&json, NULL, '{');
	lp_json_string(&json, "name", loaded->core.name);
	lp_status_write_replaces(&json, &agent->core, &loaded->core);
	lp_json_close(&json, '}');
	reply_text(request, DONE, &json);
}

static void apply_loaded(struct lp_agent *agent, const struct lp_request *request,
			 const struct suture_apply *asked, struct lp_loaded *loaded,
			 struct lp_report *report)
{
	struct lp_apply_options options = {
		.replace_conflicting = asked->flags & SUTURE_APPLY_REPLACE_CONFLICTING,
		.override = asked->flags & SUTURE_APPLY_OVERRIDE,
		.no_undo = asked->flags & SUTURE_APPLY_NO_UNDO,
		.deadline = deadline_of(asked->timeout_ms, asked->on_timeout),
	};
	struct lp_json json = { 0 };
	int r;

	if (asked->flags & SUTURE_APPLY_DRY_RUN) {
		lp_dry_run_write(&json, agent, loaded, &options, report);
		reply_text(request, DONE, &json);
		lp_loaded_destroy(loaded);
		return;
	}
	agent->report = report;
	r = lp_core_apply(&agent->core, &loaded->core, &options, report);
	agent->report = NULL;
	if (r == 0) {
		reply_applied(agent, request, loaded);
		return;
	}
	reply_refused(request, r, report, NULL);
	lp_loaded_destroy(loaded); /* no site ever led to it */
}

static void handle_apply(struct lp_agent *agent, const struct lp_request *request,
			 struct lp_report *report)
{
	struct lp_patch_file refused;
	const char *why = NULL;
	struct suture_apply asked;
	struct lp_loaded *loaded;
	struct lp_json json = { 0 };
	int error;

	if (request->size < sizeof(asked) || request->fd < 0) {
		refuse_malformed(request, report);
		return;
	}
	memcpy(&asked, request->payload, sizeof(asked));
	loaded = lp_loaded_create(request->fd, report, &refused, &why, &error);
	if (loaded) {
		apply_loaded(agent, request, &asked, loaded, report);
	} else if (asked.flags & SUTURE_APPLY_DRY_RUN && error == -ECANCELED) {
		lp_dry_run_write_unfit(&json, report, why);
		reply_text(request, DONE, &json);
	} else {
		reply_refused(request, error, report, why);
	}
	if (!loaded)
		lp_patch_file_close(&refused);
}

/* --- the others --- */

static void handle_disable(struct lp_agent *agent, const struct lp_request *request,
			   struct lp_report *report)
{
	struct suture_disable asked;
	const char *name = name_after(request, sizeof(asked));
	struct lp_deadline deadline;
	int r;

	if (!name) {
		refuse_malformed(request, report);
		return;
	}
	memcpy(&asked, request->payload, sizeof(asked));
	deadline = deadline_of(asked.timeout_ms, asked.on_timeout);
	agent->report = report;
	r = lp_core_disable(&agent->core, name, &deadline, report);
	agent->report = NULL;
	reply_result(request, r, report);
}

static void handle_undo(struct lp_agent *agent, const struct lp_request *request,
			struct lp_report *report)
{
	struct suture_disable asked;
	struct lp_deadline deadline;
	struct lp_json json = { 0 };
	int r;

	if (request->size < sizeof(asked)) {
		refuse_malformed(request, report);
		return;
	}
	memcpy(&asked, request->payload, sizeof(asked));
	deadline = deadline_of(asked.timeout_ms, asked.on_timeout);
	/* before it starts: afterwards they are on their way */
	lp_status_write_undo(&json, NULL, &agent->core);
	agent->report = report;
	r = lp_core_undo(&agent->core, &deadline, report);
	agent->report = NULL;
	if (r == 0) {
		reply_text(request, DONE, &json);
		return;
	}
	lp_json_deinit(&json);
	reply_refused(request, r, report, NULL);
}

static void handle_set(struct lp_agent *agent, const struct lp_request *request,
		       struct lp_report *report)
{
	struct suture_set asked;
	const char *name = name_after(request, sizeof(asked));

	if (!name) {
		refuse_malformed(request, report);
		return;
	}
	memcpy(&asked, request->payload, sizeof(asked));
	reply_result(request,
		     lp_core_set_replaceable(&agent->core, name, asked.replaceable, report),
		     report);
}

static void handle_force(struct lp_agent *agent, const struct lp_request *request,
			 struct lp_report *report)
{
	int r = lp_core_force(&agent->core, report);

	if (r == -EAGAIN)
		lp_report_add(report, (struct lp_refusal){ .reason = LP_REASON_BUSY_TRANSITION });
	reply_result(request, r, report);
}

static void reply_status(const struct lp_agent *agent, struct lp_client *client,
			 enum suture_type type, const char *name)
{
	struct lp_json json = { 0 };

	lp_status_write(&json, agent, name);
	lp_control_reply(client, type, DONE, &json);
	lp_json_deinit(&json);
}

static void handle_status(struct lp_agent *agent, const struct lp_request *request,
			  struct lp_report *report)
{
	const char *name = name_after(request, 0);

	if (!name) {
		refuse_malformed(request, report);
		return;
	}
	(void)lp_loaded_update_called();
	if (*name && !lp_core_find(&agent->core, name)) {
		lp_report_add(report, (struct lp_refusal){ .reason = LP_REASON_NO_SUCH_PATCH,
							   .patch = name });
		reply_refused(request, -ENOENT, report, NULL);
		return;
	}
	reply_status(agent, request->client, request->type, name);
}

static void handle_wait(const struct lp_request *request, struct lp_report *report)
{
	struct suture_wait asked;

	if (request->size < sizeof(asked)) {
		refuse_malformed(request, report);
		return;
	}
	memcpy(&asked, request->payload, sizeof(asked));
	if (asked.timeout_ms > WAIT_MAX_MS)
		asked.timeout_ms = WAIT_MAX_MS;
	request->client->wait_until_ns = lp_clock_ns() + asked.timeout_ms * 1000000ull;
}

uint64_t lp_request_answer_waiting(struct lp_agent *agent)
{
	bool idle = agent->core.transition.phase == LP_PHASE_IDLE;
	uint64_t now = lp_clock_ns(), next = LP_FOREVER_NS;

	for (struct lp_client *client = lp_control_next(NULL); client;
	     client = lp_control_next(client)) {
		if (!client->wait_until_ns)
			continue;
		if (idle || client->wait_until_ns <= now) {
			client->wait_until_ns = 0;
			(void)lp_loaded_update_called();
			reply_status(agent, client, SUTURE_WAIT, "");
		} else if (client->wait_until_ns - now < next) {
			next = client->wait_until_ns - now;
		}
	}
	return next;
}

static void handle_log(const struct lp_request *request)
{
	struct lp_json json = { 0 };

	lp_eventlog_write(&json);
	reply_text(request, DONE, &json);
}

/* The client holds the task stopped: it is off its processor, and can be looked at. */
static void handle_assist(struct lp_agent *agent, const struct lp_request *request,
			  struct lp_report *report)
{
	struct lp_transition *tr = &agent->core.transition;
	struct lp_verdict verdict = { 0 };
	struct suture_assist asked;

	if (request->size < sizeof(asked)) {
		refuse_malformed(request, report);
		return;
	}
	memcpy(&asked, request->payload, sizeof(asked));
	if (tr->phase == LP_PHASE_SWITCH)
		(void)lp_agent_host.task_try_switch(agent, tr, asked.ns_tid, &verdict);
	else if (tr->phase == LP_PHASE_IDLE && agent->quiesce.active)
		lp_quiesce_look(&agent->quiesce, asked.ns_tid, &agent->space);
	reply_empty(request);
}

void lp_request_handle(void *context, const struct lp_request *request)
{
	struct lp_agent *agent = context;
	static struct lp_refusal refusals[REFUSALS_MAX];
	struct lp_report report = { .refusals = refusals, .capacity = REFUSALS_MAX };

	switch (request->type) {
	case SUTURE_APPLY:
		handle_apply(agent, request, &report);
		break;
	case SUTURE_DISABLE:
		handle_disable(agent, request, &report);
		break;
	case SUTURE_REVERSE:
		reply_result(request, lp_core_reverse(&agent->core, &report), &report);
		break;
	case SUTURE_FORCE:
		handle_force(agent, request, &report);
		break;
	case SUTURE_UNDO:
		handle_undo(agent, request, &report);
		break;
	case SUTURE_SET:
		handle_set(agent, request, &report);
		break;
	case SUTURE_STATUS:
		handle_status(agent, request, &report);
		break;
	case SUTURE_WAIT:
		handle_wait(request, &report);
		break;
	case SUTURE_LOG:
		handle_log(request);
		break;
	case SUTURE_ASSIST:
		handle_assist(agent, request, &report);
		break;
	case SUTURE_DETACH:
		reply_result(request, lp_detach(agent, &report), &report);
		break;
	default: /* HELLO again */
		refuse_malformed(request, &report);
		break;
	}
}
