/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "undo.h"

#include "core.h"
#include "replace.h"

struct lp_patch *lp_core_undo_list(const struct lp_core *core)
{
	struct lp_patch *patch;

	if (lp_list_empty(&core->undo))
		return NULL;
	patch = lp_list_entry(core->undo.prev, struct lp_patch, undo_link);
	/* its undo is under way */
	return lp_list_empty(&patch->replaced) ? NULL : patch;
}

/* 0: `leaving` is set on the one that leaves. */
static int undo_check(struct lp_core *core, struct lp_report *report)
{
	struct lp_patch *patch;

	if (lp_transition_is_busy(core, report))
		return -EBUSY;
	lp_replace_clear(core);
	patch = lp_core_undo_list(core);
	if (!patch) {
		lp_report_patch(report, LP_REASON_NOTHING_TO_UNDO, NULL);
		return -ECANCELED;
	}
	return lp_replace_check_undo(core, patch, report) ? 0 : -ECANCELED;
}

int lp_core_undo_check(struct lp_core *core, struct lp_report *report)
{
	int error = undo_check(core, report);

	if (error != -EBUSY)
		lp_replace_clear(core);
	return error;
}

int lp_core_undo(struct lp_core *core, const struct lp_deadline *deadline, struct lp_report *report)
{
	struct lp_start start = { .kind = LP_START_UNDO, .deadline = deadline };
	int error;

	error = undo_check(core, report);
	if (error == -EBUSY)
		return error;
	start.patch = lp_core_undo_list(core);
	if (!error)
		error = lp_transition_start(core, &start, report);
	if (error)
		lp_replace_clear(core);
	return error;
}

void lp_undo_keep(struct lp_core *core, struct lp_patch *patch, struct lp_patch *by)
{
	patch->kept = true;
	lp_list_append(&by->replaced, &patch->link);
	lp_event_emit(core, LP_EVENT_KEEP, patch, 0);
	core->host->patch_keep(core->host_data, patch);
}

/* The patch can no longer be undone: what it replaced is doomed. */
static void undo_drop(struct lp_core *core, struct lp_patch *patch, struct lp_list *doomed)
{
	if (!lp_list_empty(&patch->undo_link)) {
		lp_list_remove(&patch->undo_link);
		core->n_undo--;
	}
	while (!lp_list_empty(&patch->replaced)) {
		struct lp_list *link = patch->replaced.next;

		lp_list_remove(link);
		lp_list_append(doomed, link);
	}
}

/* Releases them and all that only they could have brought back. */
static void undo_forget(struct lp_core *core, struct lp_list *doomed)
{
	while (!lp_list_empty(doomed)) {
		struct lp_patch *patch = lp_list_entry(doomed->next, struct lp_patch, link);

		lp_list_remove(&patch->link);
		undo_drop(core, patch, doomed);
		patch->kept = false;
		lp_event_emit(core, LP_EVENT_FORGET, patch, 0);
		core->host->patch_release(core->host_data, patch);
	}
}

static void undo_trim(struct lp_core *core, unsigned int depth)
{
	struct lp_list doomed;

	lp_list_init(&doomed);
	while (core->n_undo > depth)
		undo_drop(core, lp_list_entry(core->undo.next, struct lp_patch, undo_link),
			  &doomed);
	undo_forget(core, &doomed);
}

void lp_undo_update(struct lp_core *core, struct lp_patch *patch)
{
	if (lp_list_empty(&patch->undo_link) && !lp_list_empty(&patch->replaced)) {
		lp_list_append(&core->undo, &patch->undo_link);
		core->n_undo++;
	}
	undo_trim(core, core->undo_depth);
}

void lp_undo_release(struct lp_core *core, struct lp_patch *patch)
{
	struct lp_list doomed;

	lp_list_init(&doomed);
	undo_drop(core, patch, &doomed);
	undo_forget(core, &doomed);
	core->host->patch_release(core->host_data, patch);
}

int lp_core_set_undo_depth(struct lp_core *core, unsigned int depth)
{
	struct lp_report unheard = { 0 };

	if (lp_transition_is_busy(core, &unheard))
		return -EBUSY;
	core->undo_depth = depth;
	undo_trim(core, depth);
	return 0;
}

int lp_core_forget(struct lp_core *core)
{
	struct lp_report unheard = { 0 };

	if (lp_transition_is_busy(core, &unheard))
		return -EBUSY;
	undo_trim(core, 0);
	return 0;
}
