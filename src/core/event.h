/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* event.h - everything the core does, as it happens. The log, metrics and the tests hang on it. */
#ifndef LP_CORE_EVENT_H
#define LP_CORE_EVENT_H

#include "patch.h"

/* X(enum, word) */
#define LP_EVENTS(X)                                                                               \
	X(APPLY, "apply") /* accepted; the transition starts */                                    \
	X(DISABLE, "disable")                                                                      \
	X(REPLACE, "replace") /* patch leaves in this transition */                                \
	X(OVERRIDE, "override") /* a not replaceable patch is replaced */                          \
	X(REDIRECTED, "redirected") /* all sites ask now */                                        \
	X(SWITCH, "switch") /* tid reached the target */                                           \
	X(REVERSE, "reverse")                                                                      \
	X(FORCE, "force")                                                                          \
	X(TIMEOUT, "timeout")                                                                      \
	X(NUDGE, "nudge")                                                                          \
	X(ABANDON, "abandon") /* undone before any task switched */                                \
	X(COMPLETE, "complete") /* all tasks are at the target */                                  \
	X(ENABLED, "enabled") /* patch is in, settled */                                           \
	X(DISABLED, "disabled") /* patch is out */                                                 \
	X(SET, "set")                                                                              \
	X(UNDO, "undo") /* accepted; patch leaves */                                               \
	X(RETURN, "return") /* patch comes back in this transition */                              \
	X(KEEP, "keep") /* patch is out; undo can bring it back */                                 \
	X(FORGET, "forget") /* patch is no longer kept */                                          \
	X(CALLBACK, "callback") /* about to be called: which, of a state or an object */           \
	X(CALLBACK_FAILED, "callback-failed") /* it returned error */                              \
	X(SHADOW_FREE, "shadow-free") /* all variables of the state are about to be freed */       \
	X(OBJECT_COMING, "object-coming") /* patch is in it now */                                 \
	X(OBJECT_REFUSED, "object-refused") /* error */                                            \
	X(OBJECT_GOING, "object-going")

enum lp_event_type {
#define LP_EVENT_ENUM(id, word) LP_EVENT_##id,
	LP_EVENTS(LP_EVENT_ENUM)
#undef LP_EVENT_ENUM
		LP_EVENT_COUNT
};

struct lp_event {
	enum lp_event_type type;
	const struct lp_patch *patch; /* or NULL */
	int64_t tid; /* or 0 */
	uint64_t epoch;
	/* of the last six above, else 0 */
	enum lp_callback callback;
	const struct lp_patch_state *state; /* or NULL: */
	const struct lp_patch_object *object; /* or NULL */
	int error;
};

/* never NULL, also for a value out of range */
const char *lp_event_word(enum lp_event_type type);

/* Inside the core: tells the host. patch may be NULL, tid 0. */
void lp_event_emit(const struct lp_core *core, enum lp_event_type type,
		   const struct lp_patch *patch, int64_t tid);
/* The same with all of the event but its epoch. */
void lp_event_tell(const struct lp_core *core, struct lp_event event);

#endif
