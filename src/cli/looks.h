/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * looks.h - the tasks that block a patch whenever one looks, apart from those that only happen to.
 *
 * A look is a dry run by the agent, which sees what sleeps. Of a task that it does not name we must
 * know that it slept, and so was seen elsewhere; one that was running is left alone, unless the user
 * wants it to be held for a moment, and the agent asked again. A task that is where it must not be at every look will hardly leave there.
 *
 * Open, ask the agent, run with its answer, close.
 */
#ifndef LP_CLI_LOOKS_H
#define LP_CLI_LOOKS_H

#include "session.h"

struct lp_looked_at;

struct lp_looks {
	/* set by the caller */
	struct lp_session *
		session; /* connected; options->for_ms 0: one look; no task is held without ->hold */
	const struct lp_request *request; /* the dry run */
	/* ours */
	struct lp_looked_at *tasks; /* by number */
	size_t n_tasks;
	pid_t agent; /* its thread; 0: not found */
	unsigned int count;
	bool interrupted; /* before it was clear what blocks all the time */
	uint64_t start_ms;
};

/* Before the first look. A failure makes the answer less complete, and nothing else. */
void lp_looks_open(struct lp_looks *looks);

/*
 * The other looks. `answer` is the agent's first, whose "blockers" are completed: each gets "always",
 * and "asleep": it did not run once. The answer gets "looks", "looked_ms" and "interrupted".
 * LP_EXIT_DONE, or what was printed: the process ended.
 */
int lp_looks_run(struct lp_looks *looks, json_t *answer);

void lp_looks_close(struct lp_looks *looks);

#endif
