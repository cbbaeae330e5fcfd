// SPDX-License-Identifier: LGPL-2.1-or-later
/* hint.c - see hint.h. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "core/reason.h"
#include "hint.h"
#include "output.h"
#include "task.h"

#define STATUS_TIMEOUT_MS 1000

static const char *const hints[LP_REASON_COUNT] = {
	[LP_REASON_BUILD_ID_MISMATCH] =
		"make the patch against the file this process runs; `suture info` shows for whom it is",
	[LP_REASON_BYTES_DIFFER] =
		"another tool has changed this function, or the process was forked by a patched one (and "
		"has its patch), or the file's bytes are not its build-id's",
	[LP_REASON_NO_SUCH_OBJECT] = "`suture info` shows which objects the patch needs",
	[LP_REASON_NO_SUCH_SYMBOL] = "name the ELF file that defines it with --target",
	[LP_REASON_SYMBOL_AMBIGUOUS] = "set old_sympos: 1 for the first symbol of this name, ...",
	[LP_REASON_FUNCTION_TOO_SHORT] = "patch its callers instead",
	[LP_REASON_UNMOVABLE_INSTRUCTION] = "patch its callers instead",
	[LP_REASON_ALIASED_FUNCTION] = "replace every name of it by the same function",
	[LP_REASON_CONFLICT_FUNCTION] =
		"disable the other patch, or replace it with --replace-conflicting",
	[LP_REASON_CONFLICT_STATE] =
		"disable the other patch, or replace it with --replace-conflicting",
	[LP_REASON_NOT_REPLACEABLE] =
		"`suture set PATCH replaceable=1` allows it, or --override does this once",
	[LP_REASON_MISSING_REQUIREMENT] = "apply the required patch first",
	[LP_REASON_REQUIRED] = "disable the patch that requires it first",
	[LP_REASON_ALREADY_ENABLED] = "disable it first, or give the new one another name",
	[LP_REASON_NO_SUCH_PATCH] = "`suture list` shows the names",
	[LP_REASON_BUSY_TRANSITION] =
		"wait for it, or turn it around with `suture reverse`; `suture status` shows it",
	[LP_REASON_NO_PERMISSION] =
		"it needs the right to trace the process: same user, or CAP_SYS_PTRACE",
	[LP_REASON_TRACED] = "detach the debugger or tracer first",
	[LP_REASON_NO_SUCH_PROCESS] = "`suture list` shows the processes that have an agent",
	[LP_REASON_NOT_ATTACHED] = "`suture attach` brings the agent in",
	[LP_REASON_NO_TRANSITION] =
		"it has ended, or there was none; `suture status` shows what is enabled",
	[LP_REASON_NOTHING_TO_UNDO] =
		"`suture list` shows what undo would bring back; `suture disable` takes a patch out",
	[LP_REASON_FORCED] =
		"another patch can replace it, and be disabled then; else it stays until the process ends",
	[LP_REASON_STATE_VERSION] =
		"give the patch at least that version of the state; `suture status --json` shows it",
	[LP_REASON_BLOCK_DISABLE] = "a patch that has the same state can replace it",
	[LP_REASON_CALLBACK_FAILED] =
		"the patch itself refused, and nothing has changed: ask who made it",
	[LP_REASON_PADDING_TAKEN] =
		"make one patch of both, or disable the other one; `suture list` shows it",
	[LP_REASON_COROUTINES] = "install the fix and restart the program",
	[LP_REASON_UNSUPPORTED_TARGET] =
		"see WHAT CANNOT BE PATCHED in suture(7); for what stays so, install the fix and restart "
		"the program",
	[LP_REASON_PINNED] =
		"the agent stays until the process ends; patches can still be applied and disabled",
	[LP_REASON_IN_USE] = "make happen what that task waits for, and try again",
	[LP_REASON_PATCH_ENABLED] =
		"disable the patches first, `suture list` shows them; one that was forced must be "
		"replaced before, or stays until the process ends",
	[LP_REASON_BAD_FILE] = "`suture info` shows what can be read of it",
};

const char *lp_hint_text(const char *reason)
{
	for (int i = 0; i < LP_REASON_COUNT; i++)
		if (!strcmp(reason, lp_reason_word((enum lp_reason)i)))
			return hints[i];
	return NULL;
}

/*
 * `info` refuses a file that is no patch in the same words as all others: it tells more only of what
 * the agent has refused. And a file given to the builder is no process.
 */
static bool is_about_process(const char *reason)
{
	return !strcmp(reason, lp_reason_word(LP_REASON_BAD_FILE)) ||
	       !strcmp(reason, lp_reason_word(LP_REASON_UNSUPPORTED_TARGET));
}

/* Whether the patch replaces a function of this name. */
static bool has_function(const json_t *patch, const char *function)
{
	const json_t *object, *one;
	size_t i, k;

	json_array_foreach(json_object_get(patch, "objects"), i, object)
		json_array_foreach(json_object_get(object, "functions"), k, one)
			if (!strcmp(lp_reply_string(one, "name"), function))
				return true;
	return false;
}

/* The status text of the agent in a process, or NULL. */
static json_t *ask_status(pid_t pid)
{
	struct lp_client client = { .pid = pid, .fd = -1 };
	struct lp_inject_error error;
	struct lp_reply reply;

	if (lp_client_connect(&client, pid, &error))
		return NULL;
	if (lp_client_request(&client,
			      &(struct lp_request){ .type = SUTURE_STATUS,
						    .string = "",
						    .timeout_ms = STATUS_TIMEOUT_MS },
			      &reply, &error))
		reply.json = NULL;
	lp_client_disconnect(&client);
	return reply.json;
}

/*
 * A fork has the code of its parent's patches, and an agent that does not run: to a new one its
 * functions look as if somebody else had changed them.
 */
static char *about_parent(pid_t pid, const char *function)
{
	pid_t parent = lp_task_parent(pid);
	json_t *status = parent > 1 ? ask_status(parent) : NULL;
	const json_t *patch;
	char *text = NULL;
	size_t i;

	json_array_foreach(json_object_get(status, "patches"), i, patch) {
		if (!json_is_true(json_object_get(patch, "enabled")) ||
		    !has_function(patch, function))
			continue;
		if (asprintf(&text,
			     "its parent, process %d, has the patch %s of this function: if it was "
			     "forked after that, it has the same; to change that, restart it",
			     (int)parent, lp_reply_string(patch, "name")) < 0)
			text = NULL;
		break;
	}
	json_decref(status);
	return text;
}

char *lp_hint_about(pid_t pid, const char *reason, const char *function)
{
	const char *text = lp_hint_text(reason);
	char *about = NULL;

	if (!pid && is_about_process(reason))
		return NULL;
	if (pid && *function && !strcmp(reason, lp_reason_word(LP_REASON_BYTES_DIFFER)))
		about = about_parent(pid, function);
	if (about)
		return about;
	return text ? strdup(text) : NULL;
}
