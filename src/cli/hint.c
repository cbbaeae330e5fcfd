// SPDX-License-Identifier: LGPL-2.1-or-later
/* hint.c - see hint.h. */
#include <stddef.h>
#include <string.h>

#include "core/reason.h"
#include "hint.h"

static const char *const hints[LP_REASON_COUNT] = {
	[LP_REASON_BUILD_ID_MISMATCH] =
		"make the patch against the file this process runs; `suture info` shows for whom it is",
	[LP_REASON_BYTES_DIFFER] =
		"another tool has changed this function, or the file's bytes are not its build-id's",
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
	[LP_REASON_PATCH_ENABLED] = "disable the patches first; `suture list` shows them",
	[LP_REASON_BAD_FILE] = "`suture info` shows what can be read of it",
};

const char *lp_hint_text(const char *reason)
{
	for (int i = 0; i < LP_REASON_COUNT; i++)
		if (!strcmp(reason, lp_reason_word((enum lp_reason)i)))
			return hints[i];
	return NULL;
}
