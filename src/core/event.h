/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* event.h - everything the core does, as it happens. The log, metrics and the tests hang on it. */
#ifndef LP_CORE_EVENT_H
#define LP_CORE_EVENT_H

#include "host.h"

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
	X(SET, "set")

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
};

/* never NULL, also for a value out of range */
const char *lp_event_word(enum lp_event_type type);

/* Inside the core: tells the host. patch may be NULL, tid 0. */
void lp_event_emit(const struct lp_core *core, enum lp_event_type type,
		   const struct lp_patch *patch, int64_t tid);

#endif
