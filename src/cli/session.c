// SPDX-License-Identifier: LGPL-2.1-or-later
/* session.c - see session.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/reason.h"
#include "interrupt.h"
#include "output.h"
#include "path.h"
#include "assist.h"
#include "session.h"
#include "task.h"

#define INJECT_TIMEOUT_MS 10000
#define ENDING_MS 1000

int lp_exit_worse(int a, int b)
{
	static const int badness[] = {
		[LP_EXIT_DONE] = 0,  [LP_EXIT_INCOMPLETE] = 1, [LP_EXIT_REFUSED] = 2,
		[LP_EXIT_USAGE] = 3, [LP_EXIT_FAILED] = 4,
	};

	return badness[a] >= badness[b] ? a : b;
}

static bool is_failure(const char *reason)
{
	return !strcmp(reason, lp_reason_word(LP_REASON_SYSTEM)) ||
	       !strcmp(reason, lp_reason_word(LP_REASON_NO_MEMORY));
}

static bool is_no_process(const char *reason)
{
	return !strcmp(reason, lp_reason_word(LP_REASON_NO_SUCH_PROCESS));
}

int lp_session_fail(const struct lp_session *session, const struct lp_inject_error *error)
{
	const char *reason = error->reason ? error->reason : lp_reason_word(LP_REASON_SYSTEM);

	lp_output_error(session->options->json, session->pid, reason, error->message);
	return is_failure(reason) ? LP_EXIT_FAILED : LP_EXIT_REFUSED;
}

static int report_interrupted(const struct lp_options *options, pid_t pid)
{
	lp_output_error(options->json, pid, "interrupted",
			"the command was interrupted before it did anything with this process");
	return LP_EXIT_INCOMPLETE;
}

int lp_session_interrupted(const struct lp_session *session)
{
	return report_interrupted(session->options, session->pid);
}

/*
 * While a thread of the target is stopped we must come to the end of it: the usual ways to
 * interrupt a command wait.
 */
static void hold_signals(sigset_t *before)
{
	static const int held[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		sigaddset(&set, held[i]);
	sigprocmask(SIG_BLOCK, &set, before);
}

static int inject(struct lp_session *session, struct lp_inject_error *error)
{
	struct lp_inject_options options = { .timeout_ms = INJECT_TIMEOUT_MS };
	char path[LP_PATH_SIZE];
	sigset_t before;
	int result;

	result = lp_path_agent(path, error);
	if (result)
		return result;
	options.agent_path = path;
	hold_signals(&before);
	result = lp_agent_inject(session->pid, &options, &session->inject, error);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!result)
		session->injected = true;
	return result;
}

/* Ended, or about to: what the agent had open is closed a moment before. */
static bool has_ended(const struct lp_session *session)
{
	struct pollfd end = { .events = POLLIN };
	bool ended;

	end.fd = (int)syscall(SYS_pidfd_open, session->pid, 0);
	if (end.fd < 0)
		return errno == ESRCH;
	ended = poll(&end, 1, ENDING_MS) == 1;
	close(end.fd);
	return ended;
}

/*
 * Of all processes some end while we look: nobody asked for one of them by its number. A refusal is
 * about one that is there.
 */
static bool has_vanished(const struct lp_session *session, const struct lp_inject_error *error)
{
	return lp_options_only_all(session->options) &&
	       (!error->reason || is_failure(error->reason) || is_no_process(error->reason)) &&
	       has_ended(session);
}

/* An agent that is gone is one process less to ask, too. */
static bool has_lost_agent(const struct lp_session *session, int result)
{
	return lp_options_only_all(session->options) &&
	       (result == -ESRCH || result == -ENOENT || result == -EOWNERDEAD);
}

int lp_session_connect(struct lp_session *session)
{
	struct lp_inject_error error = { 0 };
	int result;

	lp_claim_share(&session->claim, session->pid);
	result = lp_client_connect(&session->client, session->pid, &error);
	if (result)
		lp_claim_drop(&session->claim);
	if (result && (has_lost_agent(session, result) || has_vanished(session, &error)))
		return LP_SESSION_VANISHED;
	return result ? lp_session_fail(session, &error) : LP_EXIT_DONE;
}

/* The duty is ours before the agent is there, so that whoever finds it there finds the duty, too. */
static int attach(struct lp_session *session, bool for_now)
{
	struct lp_inject_error error = { 0 };
	struct suture_agent agent;
	int result;

	lp_claim_share(&session->claim, session->pid);
	result = lp_agent_find(session->pid, &agent, &error);
	if (for_now)
		lp_claim_set_for_now(&session->claim, result || session->claim.found_passing ||
							      lp_claim_is_passing(&session->claim));
	/* A fork's copy of the agent does not run: it is brought in anew. */
	if (result == -ENOENT || result == -EOWNERDEAD)
		result = inject(session, &error);
	/* Another one was quicker, and he may have brought it in to stay. */
	if (result == -EALREADY && !lp_claim_is_passing(&session->claim))
		lp_claim_set_for_now(&session->claim, false);
	if (!result || result == -EALREADY)
		return lp_session_connect(session);
	lp_claim_drop(&session->claim);
	return has_vanished(session, &error) ? LP_SESSION_VANISHED :
					       lp_session_fail(session, &error);
}

int lp_session_attach(struct lp_session *session)
{
	return attach(session, false);
}

int lp_session_attach_for_now(struct lp_session *session)
{
	return attach(session, true);
}

static int eject(struct lp_session *session, char **reply, struct lp_inject_error *error)
{
	sigset_t before;
	int result;

	hold_signals(&before);
	result = lp_agent_eject(session->pid, session->client.fd, reply, error);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

/* Whether the agent refused because of tasks that it needs our help to look at; then it had it. */
static bool helped_in_use(struct lp_session *session, const char *text)
{
	static const char all[] = "";
	json_t *status = NULL;
	const json_t *lingering;
	bool helped;

	if (!text || !strstr(text, lp_reason_word(LP_REASON_IN_USE)) ||
	    lp_session_request(session,
			       &(struct lp_request){ .type = SUTURE_STATUS,
						     .payload = all,
						     .payload_size = sizeof(all) },
			       &status))
		return false;
	lingering = json_object_get(status, "lingering");
	helped = json_array_size(lingering) > 0;
	lp_assist_blockers(session->pid, lingering);
	json_decref(status);
	return helped;
}

static int eject_with_help(struct lp_session *session, char **text, struct lp_inject_error *error)
{
	int result = eject(session, text, error);

	for (int tries = 0; tries < 8 && result == -ECANCELED && helped_in_use(session, *text);
	     tries++) {
		free(*text);
		*text = NULL;
		result = eject(session, text, error);
	}
	return result;
}

int lp_session_detach(struct lp_session *session)
{
	struct lp_inject_error error = { 0 };
	char *text = NULL;
	json_t *reply;
	bool told;
	int result;

	result = eject_with_help(session, &text, &error);
	if (result != -ECANCELED) {
		free(text);
		if (result && has_vanished(session, &error))
			return LP_SESSION_VANISHED;
		return result ? lp_session_fail(session, &error) : LP_EXIT_DONE;
	}
	reply = text ? lp_reply_parse(text, strlen(text)) : NULL;
	told = reply && lp_output_refusal(session->options->json, session->pid, reply);
	json_decref(reply);
	free(text);
	if (!told)
		lp_output_error(session->options->json, session->pid,
				lp_reason_word(LP_REASON_PATCH_ENABLED),
				lp_reason_text(LP_REASON_PATCH_ENABLED));
	return LP_EXIT_REFUSED;
}

void lp_session_undo_attach(struct lp_session *session)
{
	struct lp_inject_error error = { 0 };
	char *text = NULL;

	if (!session->claim.for_now || !lp_claim_try_alone(&session->claim))
		return;
	/* Refused: another client has applied a patch meanwhile, which needs the agent. */
	if (session->client.fd >= 0 || !lp_client_connect(&session->client, session->pid, &error))
		(void)eject(session, &text, &error);
	free(text);
	lp_client_disconnect(&session->client);
	lp_claim_drop(&session->claim);
	session->injected = false;
}

static void translate_tasks(pid_t pid, const json_t *reply)
{
	lp_task_translate(pid, json_object_get(reply, "blockers"));
	lp_task_translate(pid, json_object_get(reply, "lingering"));
	lp_task_translate(pid, json_object_get(json_object_get(reply, "transition"), "blockers"));
}

int lp_session_ask(struct lp_session *session, const struct lp_request *request,
		   struct lp_reply *reply)
{
	struct lp_inject_error error = { 0 };

	if (lp_client_request(&session->client, request, reply, &error)) {
		if (has_vanished(session, &error))
			return LP_SESSION_VANISHED;
		lp_output_error(session->options->json, session->pid, error.reason, error.message);
		return LP_EXIT_FAILED;
	}
	translate_tasks(session->pid, reply->json);
	return LP_EXIT_DONE;
}

int lp_session_refuse(const struct lp_session *session, struct lp_reply *reply)
{
	if (!lp_output_refusal(session->options->json, session->pid, reply->json))
		lp_output_error(session->options->json, session->pid,
				lp_reason_word(LP_REASON_SYSTEM),
				"the agent refused without a reason");
	json_decref(reply->json);
	return reply->status;
}

int lp_session_request(struct lp_session *session, const struct lp_request *request, json_t **json)
{
	struct lp_reply reply;
	int status = lp_session_ask(session, request, &reply);

	if (status)
		return status;
	if (reply.status != LP_EXIT_DONE && reply.status != LP_EXIT_INCOMPLETE)
		return lp_session_refuse(session, &reply);
	*json = reply.json;
	return LP_EXIT_DONE;
}

int lp_session_status(struct lp_session *session, const char *patch, json_t **json)
{
	return lp_session_request(
		session, &(struct lp_request){ .type = SUTURE_STATUS, .string = patch }, json);
}

/* A thread's id names no process, although /proc knows it. */
static bool is_process(const struct lp_session *session)
{
	pid_t process = lp_task_process(session->pid);
	struct lp_inject_error error = { .reason = lp_reason_word(LP_REASON_NO_SUCH_PROCESS) };

	if (process == session->pid)
		return true;
	if (!process && lp_options_only_all(session->options))
		return false;
	if (process)
		snprintf(error.message, sizeof(error.message), "this is a thread of process %d",
			 (int)process);
	else
		snprintf(error.message, sizeof(error.message), "%s",
			 lp_reason_text(LP_REASON_NO_SUCH_PROCESS));
	lp_session_fail(session, &error);
	return false;
}

bool lp_session_init(struct lp_session *session, const struct lp_options *options, pid_t pid)
{
	*session = (struct lp_session){ .options = options,
					.pid = pid,
					.client = { .pid = pid, .fd = -1 },
					.claim = { .fd = -1 } };
	if (!is_process(session))
		return false;
	lp_task_comm(pid, session->comm, sizeof(session->comm));
	return true;
}

void lp_session_deinit(struct lp_session *session)
{
	lp_client_disconnect(&session->client);
	lp_claim_drop(&session->claim);
}

static int run_one(const struct lp_options *options, pid_t pid, lp_session_command command,
		   void *context)
{
	struct lp_session session;
	int status;

	/* A script that finds no line about a process, and 0, would take it for one that is done. */
	if (lp_interrupt_count())
		return report_interrupted(options, pid);
	if (!lp_session_init(&session, options, pid))
		return lp_options_only_all(options) ? LP_EXIT_DONE : LP_EXIT_REFUSED;
	status = command(&session, context);
	lp_session_deinit(&session);
	return status == LP_SESSION_VANISHED ? LP_EXIT_DONE : status;
}

static int report_selection(const struct lp_options *options, int result, const char *culprit)
{
	char message[512];

	snprintf(message, sizeof(message), "%s: %s", culprit ? culprit : "/proc",
		 strerror(-result));
	lp_output_error(options->json, 0, lp_reason_word(LP_REASON_SYSTEM), message);
	return LP_EXIT_FAILED;
}

int lp_session_select(struct lp_targets *targets, const struct lp_options *options,
		      lp_target_filter filter, void *filter_context, int none)
{
	const char *culprit = NULL;
	int result;

	result = lp_targets_select(targets, options, filter, filter_context, &culprit);
	if (result)
		return report_selection(options, result, culprit);
	if (targets->count || none == LP_EXIT_DONE)
		return LP_EXIT_DONE;
	lp_output_error(options->json, 0, lp_reason_word(LP_REASON_NO_SUCH_PROCESS),
			"no process is selected");
	return none;
}

int lp_session_each_of(const struct lp_options *options, lp_target_filter filter,
		       void *filter_context, int none, lp_session_command command, void *context)
{
	struct lp_targets targets;
	int status;

	status = lp_session_select(&targets, options, filter, filter_context, none);
	for (size_t i = 0; i < targets.count; i++)
		status = lp_exit_worse(status, run_one(options, targets.pids[i], command, context));
	lp_targets_deinit(&targets);
	return status;
}

int lp_session_each(const struct lp_options *options, lp_session_command command, void *context)
{
	return lp_session_each_of(options, lp_target_has_agent, NULL, LP_EXIT_REFUSED, command,
				  context);
}
