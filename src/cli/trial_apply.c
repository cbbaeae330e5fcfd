// SPDX-License-Identifier: LGPL-2.1-or-later
/* trial_apply.c - see trial_apply.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/reason.h"
#include "inject/inject.h"
#include "output.h"
#include "trial_apply.h"
#include "units/disk.h"
#include "units/spawn.h"

#define PASSES 20 /* of looking for processes that came meanwhile */

static bool is_gone(pid_t pid)
{
	struct lp_inject_error error;
	struct suture_agent agent;

	return lp_agent_find(pid, &agent, &error) == -ESRCH;
}

/* It has a copy of an agent that does not run: what it was forked from is patched, and so is it. */
static bool is_fork(pid_t pid)
{
	struct lp_inject_error error;
	struct suture_agent agent;

	return lp_agent_find(pid, &agent, &error) == -EOWNERDEAD;
}

static void report(struct lp_messages *messages, pid_t pid, const json_t *problem)
{
	const char *word = lp_reply_string(problem, "reason");
	char *text = lp_disk_format("the patch cannot be applied to process %d of the test: %s",
				    (int)pid, lp_reply_string(problem, "message"));

	if (text)
		lp_messages_report(messages, LP_ERROR, *word ? word : "test-failed", text);
	free(text);
}

/* The last line is the answer about our one process. */
static void report_answer(struct lp_messages *messages, pid_t pid, const char *log)
{
	char *line = lp_spawn_tail(log, 1);
	json_t *answer = line ? json_loads(line, 0, NULL) : NULL, *problem, *made = NULL;
	const json_t *reasons = json_object_get(answer, "reasons");
	size_t i;

	json_array_foreach(reasons, i, problem)
		report(messages, pid, problem);
	problem = json_object_get(answer, "error");
	if (!problem && !json_array_size(reasons)) {
		made = json_pack(
			"{s:s, s:s}", "reason", "test-failed", "message",
			!strcmp(lp_reply_string(answer, "result"), "incomplete") ?
				"its transition is not complete in time; see what `suture check` "
				"says of a process that runs" :
			line && *line ? line :
					"no answer");
		problem = made;
	}
	if (problem)
		report(messages, pid, problem);
	json_decref(made);
	json_decref(answer);
	free(line);
}

static int apply_one(pid_t pid, const char *patch, const char *log, struct lp_messages *messages)
{
	char number[16];
	const char *const arguments[] = {
		"suture", "apply", patch, "--pid", number, "--json", NULL
	};
	bool forked = is_fork(pid);
	int status;

	snprintf(number, sizeof(number), "%d", (int)pid);
	status = lp_spawn_run(&(struct lp_spawn){
		.program = "/proc/self/exe", .arguments = arguments, .output = log });
	if (status <= 0 || is_gone(pid) || forked)
		return status < 0 ? status : 0;
	report_answer(messages, pid, log);
	return -ECANCELED;
}

struct known {
	pid_t *pids;
	size_t count;
};

/* False: it was there already, or there is no memory. */
static bool add(struct known *known, pid_t pid)
{
	pid_t *grown;

	for (size_t i = 0; i < known->count; i++)
		if (known->pids[i] == pid)
			return false;
	grown = reallocarray(known->pids, known->count + 1, sizeof(*grown));
	if (!grown)
		return false;
	known->pids = grown;
	grown[known->count++] = pid;
	return true;
}

int lp_trial_apply(const struct lp_stage *stage, const char *patch, const char *log,
		   struct lp_messages *messages)
{
	struct known known = { 0 };
	bool again = true;
	int err = 0;

	for (int pass = 0; pass < PASSES && again && !err; pass++) {
		size_t count;
		pid_t *pids;

		again = false;
		err = lp_stage_processes(stage, &pids, &count);
		for (size_t i = 0; i < count && !err; i++) {
			if (!add(&known, pids[i]))
				continue;
			again = true;
			err = apply_one(pids[i], patch, log, messages);
		}
		free(pids);
	}
	free(known.pids);
	return err;
}
