/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reason.h - why something is refused or cannot be done yet: fixed words (scripts rely on them)
 * and sentences, in one list. The command line and its man page take both from here.
 */
#ifndef LP_CORE_REASON_H
#define LP_CORE_REASON_H

#include "host.h"

/* Refusals. X(enum, word, sentence) */
#define LP_REASONS(X)                                                                              \
	X(NONE, "none", "no reason")                                                               \
	X(BUILD_ID_MISMATCH, "build-id-mismatch",                                                  \
	  "the file mapped in the target is another build than the one the patch was made for")    \
	X(BYTES_DIFFER, "bytes-differ",                                                            \
	  "the code of a function in the target is not what the patch was made for")               \
	X(NO_SUCH_OBJECT, "no-such-object", "the target does not map this object")                 \
	X(NO_SUCH_SYMBOL, "no-such-symbol", "no target defines this symbol")                       \
	X(SYMBOL_AMBIGUOUS, "symbol-ambiguous",                                                    \
	  "several symbols have this name; say which with sympos")                                 \
	X(FUNCTION_TOO_SHORT, "function-too-short",                                                \
	  "there is no room for a jump at the function's entry")                                   \
	X(UNMOVABLE_INSTRUCTION, "unmovable-instruction",                                          \
	  "an instruction at the function's entry cannot be moved, or is jumped to")               \
	X(ALIASED_FUNCTION, "aliased-function",                                                    \
	  "another symbol at the same address is not replaced by the same function")               \
	X(CONFLICT_FUNCTION, "conflict-function", "an enabled patch changes the same function")    \
	X(CONFLICT_STATE, "conflict-state", "an enabled patch has the same state")                 \
	X(NOT_REPLACEABLE, "not-replaceable",                                                      \
	  "an enabled patch that would be replaced is not replaceable")                            \
	X(MISSING_REQUIREMENT, "missing-requirement",                                              \
	  "a required patch is not enabled, or would go away")                                     \
	X(REQUIRED, "required", "an enabled patch requires this one")                              \
	X(ALREADY_ENABLED, "already-enabled", "a patch of this name is enabled")                   \
	X(NO_SUCH_PATCH, "no-such-patch", "no patch of this name is enabled")                      \
	X(NO_TRANSITION, "no-transition", "there is no transition in progress")                    \
	X(BUSY_TRANSITION, "busy-transition", "another transition is in progress")                 \
	X(FORCED, "forced", "the patch was forced and cannot be taken out")                        \
	X(STATE_VERSION, "state-version", "the state's version is older than the enabled one")     \
	X(BLOCK_DISABLE, "block-disable", "a state of the patch forbids this")                     \
	X(CALLBACK_FAILED, "callback-failed", "a callback of the patch failed")                    \
	X(BAD_FILE, "bad-file", "the file is not a valid .lp")                                     \
	X(BAD_SIGNATURE, "bad-signature", "the file's signature is missing or wrong")              \
	X(NO_PERMISSION, "no-permission", "tracing the target is not permitted")                   \
	X(NO_DLOPEN, "no-dlopen", "the target has no usable dlopen")                               \
	X(TRACED, "traced", "the target is being traced by another process")                       \
	X(UNSUPPORTED_TARGET, "unsupported-target", "this kind of process is not supported")       \
	X(PADDING_TAKEN, "padding-taken",                                                          \
	  "an enabled patch uses the padding that this entry needs; make one patch of both")       \
	X(COROUTINES, "coroutines",                                                                \
	  "the target uses swapcontext; suspended coroutines cannot be looked at yet")             \
	X(NO_MEMORY_NEAR, "no-memory-near", "there is no free memory within 2 GiB of the object")  \
	X(NO_MEMORY, "no-memory", "out of memory")                                                 \
	X(NO_SUCH_PROCESS, "no-such-process", "there is no such process")                          \
	X(NOT_ATTACHED, "not-attached", "there is no agent in the process")                        \
	X(PATCH_ENABLED, "patch-enabled", "a patch is enabled or in transition")                   \
	X(PINNED, "pinned",                                                                        \
	  "code of a patch that was taken out cannot be unmapped: it may still be reached")        \
	X(IN_USE, "in-use", "a task is still in code that is to be removed; try again")            \
	X(CONFLICT_SCOPE, "conflict-scope", "an enabled patch has the same scope")                 \
	X(NOTHING_TO_UNDO, "nothing-to-undo", "no replaced patch is kept that could come back")    \
	X(WEAK_CONFLICT, "weak-conflict",                                                          \
	  "the new patch does not have this function; it goes back to the original")               \
	X(NO_OBJECT_EVENTS, "no-object-events", "objects that come and go are not supported here") \
	X(SYSTEM, "system", "a system call failed")

/* Why a task cannot switch now. */
#define LP_BLOCKERS(X)                                                                             \
	X(ON_STACK, "on-stack", "a changed function is on its stack")                              \
	X(RUNNING, "running", "it computes and has not come by yet")                               \
	X(MOVING, "moving", "it ran while it was looked at")                                       \
	X(IN_ENTRY, "in-entry", "it stands between instructions that are to be replaced")          \
	X(SHARED_MEMORY_CHILD, "shared-memory-child",                                              \
	  "it waits in vfork or clone for a child that shares its memory")                         \
	X(FOREIGN_STACK, "foreign-stack", "its stack pointer is in no stack of a thread")          \
	X(SIGNAL_BLOCKED, "signal-blocked",                                                        \
	  "it computes and blocks the signal; a client can help")                                  \
	X(SHARED_TLS, "shared-tls", "it shares its thread pointer with another task")              \
	X(UNREADABLE, "unreadable", "its state cannot be read")

enum lp_reason {
#define LP_REASON_ENUM(id, word, text) LP_REASON_##id,
	LP_REASONS(LP_REASON_ENUM)
#undef LP_REASON_ENUM
		LP_REASON_COUNT
};

enum lp_blocking {
#define LP_BLOCKING_ENUM(id, word, text) LP_BLOCKING_##id,
	LP_BLOCKERS(LP_BLOCKING_ENUM)
#undef LP_BLOCKING_ENUM
		LP_BLOCKING_COUNT
};

/* Words and sentences; never NULL, also for a value out of range. */
const char *lp_reason_word(enum lp_reason reason);
const char *lp_reason_text(enum lp_reason reason);
const char *lp_blocking_word(enum lp_blocking blocking);
const char *lp_blocking_text(enum lp_blocking blocking);

/* A task that cannot switch now, and where it stands. Filled in by the host. */
struct lp_verdict {
	enum lp_blocking blocking;
	const struct lp_function *function; /* the changed function it is in, or NULL */
	uint64_t offset; /* bytes into that function */
	uint64_t addr; /* the address that was found */
};

/*
 * Refusals of one request, all of them at once. The caller gives the storage; `total` counts also
 * those that found no room. Strings are borrowed and live as long as the patches they name.
 */
struct lp_refusal {
	enum lp_reason reason;
	const char *patch; /* or NULL, as the following */
	const char *object;
	const char *function;
	uint64_t state;
	const char *callback; /* lp_callback_word() of the one that failed */
	int error; /* what it returned */
};

struct lp_report {
	struct lp_refusal *refusals; /* set by the caller */
	unsigned int capacity; /* set by the caller */
	unsigned int total;
};

void lp_report_add(struct lp_report *report, struct lp_refusal refusal);
/* Short ones; patch may be NULL. errno: no memory, or the system. */
void lp_report_patch(struct lp_report *report, enum lp_reason reason, const char *patch);
void lp_report_errno(struct lp_report *report, int error, const char *patch);

#endif
