/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blocker.h - the tasks that could not switch at their last try. For the operator's eyes and the
 * nudges: no decision of the core depends on a record, so one for which there is no memory is
 * left out. Inside the core, in a transition only.
 */
#ifndef LP_CORE_BLOCKER_H
#define LP_CORE_BLOCKER_H

#include "core.h"

/*
 * The task was tried and is busy. tid 0: the redirect itself. Returns how often that has
 * happened in this transition and direction, 0: there is no memory for a record.
 */
unsigned int lp_blocker_update(struct lp_core *core, int64_t tid, const struct lp_verdict *verdict);
/* The task is no longer in the way. Was there a record? */
bool lp_blocker_remove(struct lp_core *core, int64_t tid);
/* At the end of a complete pass: forgets those that it has not seen. */
void lp_blocker_expire(struct lp_core *core);
void lp_blocker_clear(struct lp_core *core);

#endif
