/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nudge.h - asking a running task to look at its own stack: a real-time signal, to it alone, with
 * a handler that does nothing else (slow.h). Never sent to a task that sleeps or blocks it.
 * The handler is installed before the first signal and stays until lp_nudge_deinit().
 */
#ifndef LP_AGENT_NUDGE_H
#define LP_AGENT_NUDGE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The task gets the signal the next time that it computes for a tick of the clock. 0; -EAGAIN: it
 * blocks the signal; or another negative errno (-EBUSY: no signal is free).
 */
int lp_nudge_task(int64_t tid);
/* Does for a running task what takes time, so that lp_nudge_task() is quick; until lp_nudge_end(). */
void lp_nudge_prepare(int64_t tid);
/* Nobody needs to be nudged any more. */
void lp_nudge_end(void);
/* Whether the task blocks the signal; false also when that cannot be told. */
bool lp_nudge_is_blocked(int64_t tid);
/*
 * Discards what is still pending and restores the disposition the signal had: no task enters the
 * handler any more.
 */
void lp_nudge_deinit(void);
/*
 * Whether a task may be in the handler still; in doubt true. The handler masks all signals, which
 * /proc tells of running tasks too.
 */
bool lp_nudge_in_handler(void);

#endif
