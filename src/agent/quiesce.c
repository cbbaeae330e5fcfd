/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "quiesce.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "nudge.h"
#include "proc.h"
#include "view.h"

#define PREPARED_MAX 256 /* more do not run at the same time */
#define ASK_RUNNING_AFTER 1 /* passes: most running tasks are asleep a moment later */

/* They answer while the others are looked at. */
static void ask_running(const struct lp_tids *tids)
{
	for (size_t i = 0; i < tids->count; i++)
		if (lp_task_is_running(tids->items[i]))
			lp_nudge_task(tids->items[i]);
}

/* switches: counted before the look, so that the same number later covers the look, too. */
static enum lp_look look_ahead(int64_t tid, const struct lp_ranges *ranges,
			       const struct lp_unwind_space *space, uint64_t *switches)
{
	struct lp_task task;
	uint64_t hit;

	if (lp_task_find(&task, tid) < 0 || lp_proc_switches(tid, switches) < 0)
		return LP_LOOK_UNREADABLE;
	return lp_task_look(&task, ranges, space, &hit);
}

static void forget_sleepers(struct lp_quiesce *quiesce)
{
	lp_free(quiesce->sleepers);
	quiesce->sleepers = NULL;
	quiesce->n_sleepers = quiesce->next_sleeper = 0;
}

int lp_quiesce_prepare(struct lp_quiesce *quiesce, const struct lp_ranges *ranges,
		       const struct lp_unwind_space *space)
{
	struct lp_tids tids = { 0 };
	unsigned int n_running = 0;
	int r = lp_tids_list(&tids);

	forget_sleepers(quiesce);
	if (r == 0)
		quiesce->sleepers = lp_alloc(tids.count * sizeof(*quiesce->sleepers) + 1);
	for (size_t i = 0; quiesce->sleepers && i < tids.count; i++) {
		struct lp_sleeper *sleeper = &quiesce->sleepers[quiesce->n_sleepers];
		enum lp_look look = look_ahead(tids.items[i], ranges, space, &sleeper->switches);

		sleeper->tid = tids.items[i];
		if (look == LP_LOOK_CLEAN)
			quiesce->n_sleepers++;
		else if (look == LP_LOOK_RUNNING && n_running++ < PREPARED_MAX)
			lp_nudge_prepare(sleeper->tid);
	}
	lp_tids_deinit(&tids);
	return r;
}

/* The kernel lists tasks in one order, so the next one is mostly the one that is asked for. */
static bool has_slept_on(struct lp_quiesce *quiesce, int64_t tid)
{
	for (size_t i = 0; i < quiesce->n_sleepers; i++) {
		size_t at = (quiesce->next_sleeper + i) % quiesce->n_sleepers;
		uint64_t now;

		if (quiesce->sleepers[at].tid != tid)
			continue;
		quiesce->next_sleeper = at + 1;
		return lp_proc_switches(tid, &now) == 0 && now == quiesce->sleepers[at].switches;
	}
	return false;
}

int lp_quiesce_start(struct lp_quiesce *quiesce, struct lp_ranges *ranges)
{
	struct lp_view *view = lp_view_draft();
	int r;

	if (!view)
		return -ENOMEM;
	quiesce->generation++;
	if (!quiesce->generation)
		quiesce->generation++;
	view->generation = quiesce->generation;
	view->watched = *ranges;
	lp_view_publish(view);
	r = lp_tids_list(&quiesce->remaining);
	if (r < 0) {
		/* nobody answers to a view without a generation; its ranges stay the caller's, who
		 * buries them: a handler may be reading them */
		view = lp_view_draft();
		if (view) {
			view->generation = 0;
			lp_view_publish(view);
		}
		return r;
	}
	quiesce->ranges = *ranges;
	memset(ranges, 0, sizeof(*ranges));
	quiesce->active = true;
	quiesce->passes = 0;
	if (quiesce->urgent)
		ask_running(&quiesce->remaining);
	return 0;
}

/* Whether the task is now known to be outside. */
static bool is_outside(struct lp_quiesce *quiesce, int64_t tid, const struct lp_unwind_space *space)
{
	struct lp_task task;
	struct lp_word word;
	uint64_t hit = 0;
	int r;

	if (has_slept_on(quiesce, tid))
		return true;
	r = lp_task_find(&task, tid);
	quiesce->last_look = LP_LOOK_UNREADABLE;
	if (r == -ESRCH)
		return true;
	if (r < 0)
		return false;
	if (lp_task_read_word(&task, &word) == 0 && word.quiet == quiesce->generation)
		return true;
	quiesce->last_look = lp_task_look(&task, &quiesce->ranges, space, &hit);
	if (quiesce->last_look == LP_LOOK_RUNNING && quiesce->passes >= ASK_RUNNING_AFTER)
		lp_nudge_task(tid);
	return quiesce->last_look == LP_LOOK_CLEAN || quiesce->last_look == LP_LOOK_GONE;
}

long lp_quiesce_pass(struct lp_quiesce *quiesce, const struct lp_unwind_space *space)
{
	struct lp_tids *tids = &quiesce->remaining;
	size_t kept = 0;

	for (size_t i = 0; i < tids->count; i++) {
		int64_t tid = tids->items[i];

		if (is_outside(quiesce, tid, space))
			continue;
		quiesce->last_tid = tid;
		tids->items[kept++] = tid;
	}
	tids->count = kept;
	quiesce->passes++;
	return (long)kept;
}

void lp_quiesce_look(struct lp_quiesce *quiesce, int64_t tid, const struct lp_unwind_space *space)
{
	struct lp_tids *tids = &quiesce->remaining;

	for (size_t i = 0; i < tids->count; i++)
		if (tids->items[i] == tid && is_outside(quiesce, tid, space))
			tids->items[i] = tids->items[--tids->count];
}

void lp_quiesce_stop(struct lp_quiesce *quiesce, struct lp_ranges *ranges)
{
	struct lp_view *view = lp_view_draft();

	lp_nudge_end();
	memset(ranges, 0, sizeof(*ranges));
	if (view) { /* else the published view keeps its ranges, for good */
		view->generation = 0;
		memset(&view->watched, 0, sizeof(view->watched));
		lp_view_publish(view);
		*ranges = quiesce->ranges;
	}
	memset(&quiesce->ranges, 0, sizeof(quiesce->ranges));
	lp_tids_deinit(&quiesce->remaining);
	forget_sleepers(quiesce);
	quiesce->active = false;
}
