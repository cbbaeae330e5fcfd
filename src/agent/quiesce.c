/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "quiesce.h"

#include <errno.h>
#include <string.h>

#include "nudge.h"
#include "view.h"

#define ASK_RUNNING_AFTER 1 /* passes: most running tasks are asleep a moment later */

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
	return 0;
}

/* Whether the task is now known to be outside. */
static bool is_outside(struct lp_quiesce *quiesce, int64_t tid, const struct lp_unwind_space *space)
{
	struct lp_task task;
	struct lp_word word;
	uint64_t hit = 0;
	int r = lp_task_find(&task, tid);

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
	quiesce->active = false;
}
