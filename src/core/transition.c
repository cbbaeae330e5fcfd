/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "blocker.h"
#include "hold.h"
#include "undo.h"

static void transition_init(struct lp_core *core, const struct lp_start *start)
{
	struct lp_transition *tr = &core->transition;
	unsigned int i;

	memset(tr, 0, sizeof(*tr));
	lp_list_init(&tr->sites);
	lp_list_init(&tr->blockers);
	lp_list_init(&tr->coming);
	lp_list_init(&tr->leaving);
	lp_list_init(&tr->holds);
	for (i = 0; i < LP_BLOCKER_BUCKETS; i++)
		lp_list_init(&tr->blocker_buckets[i]);
	tr->target = LP_PATCHED;
	tr->epoch = core->epoch + 1;
	tr->patch = start->patch;
	tr->disabling = start->kind != LP_START_APPLY;
	tr->undoing = start->kind == LP_START_UNDO;
	tr->keep = start->keep;
	tr->fresh = true;
	tr->interval_ns = LP_PASS_INTERVAL_MIN_NS;
}

static void deadline_set(struct lp_core *core, const struct lp_deadline *deadline)
{
	struct lp_transition *tr = &core->transition;

	tr->started_ns = core->host->now_ns(core->host_data);
	tr->next_pass_ns = tr->started_ns;
	if (!deadline || !deadline->timeout_ns)
		return;
	tr->on_timeout = deadline->policy;
	tr->deadline_ns = tr->started_ns + deadline->timeout_ns;
	if (tr->deadline_ns < tr->started_ns)
		tr->deadline_ns = LP_FOREVER_NS;
}

/* The patches that take part */

static void patch_adopt(struct lp_patch *patch)
{
	patch->kept = false;
	patch->leaving = false;
	lp_list_init(&patch->link);
	lp_list_init(&patch->transition_link);
	lp_list_init(&patch->replaced);
	lp_list_init(&patch->undo_link);
}

static void patch_comes(struct lp_transition *tr, struct lp_patch *patch)
{
	patch->coming = true;
	lp_list_append(&tr->coming, &patch->transition_link);
}

static void patches_join(struct lp_core *core, const struct lp_start *start)
{
	struct lp_transition *tr = &core->transition;
	struct lp_patch *patch;

	lp_list_for_each(patch, &core->patches, link) {
		if (patch->leaving)
			lp_list_append(&tr->leaving, &patch->transition_link);
	}
	if (start->kind == LP_START_APPLY) {
		patch_adopt(start->patch);
		patch_comes(tr, start->patch);
	} else if (start->kind == LP_START_UNDO) {
		lp_list_for_each(patch, &start->patch->replaced, link)
			patch_comes(tr, patch);
	}
}

/* The transition is over for it. */
static void patch_settle(struct lp_patch *patch)
{
	lp_list_remove(&patch->transition_link);
	patch->coming = false;
	patch->leaving = false;
	patch->in_transition = false;
}

static struct lp_patch *patches_first(const struct lp_list *patches)
{
	return lp_list_entry(patches->next, struct lp_patch, transition_link);
}

static void patches_settle(struct lp_list *patches)
{
	while (!lp_list_empty(patches))
		patch_settle(patches_first(patches));
}

/* Start */

static int host_prepare(struct lp_core *core, struct lp_report *report)
{
	struct lp_transition *tr = &core->transition;
	unsigned int total = report->total;
	int error;

	error = core->host->prepare(core->host_data, tr);
	if (error && report->total == total)
		lp_report_errno(report, error, tr->patch->name);
	return error;
}

/* The last thing that can fail: everything but code of the author's is known to be in order. */
static int start_callbacks(struct lp_core *core, struct lp_report *report)
{
	struct lp_transition *tr = &core->transition;
	int error;

	tr->phase = LP_PHASE_REDIRECT;
	error = lp_state_start(core, report);
	if (error) {
		core->host->abandon(core->host_data, tr);
		tr->phase = LP_PHASE_IDLE;
	}
	return error;
}

static void start_undo(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	struct lp_patch *patch;

	lp_sites_choose(tr, false);
	lp_sites_leave(core);
	lp_list_for_each(patch, &tr->coming, transition_link)
		lp_sites_detach(patch);
	patches_settle(&tr->coming);
	patches_settle(&tr->leaving);
	lp_holds_leave(tr);
	tr->patch = NULL;
}

static void start_mark(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	struct lp_patch *patch;

	lp_list_for_each(patch, &tr->leaving, transition_link)
		patch->in_transition = true;
	lp_list_for_each(patch, &tr->coming, transition_link) {
		patch->enabled = true;
		patch->in_transition = true;
		patch->kept = false;
		lp_list_remove(&patch->link);
		lp_list_append(&core->patches, &patch->link);
	}
}

static void start_tell(const struct lp_core *core)
{
	const struct lp_transition *tr = &core->transition;
	const struct lp_patch *patch;

	if (tr->disabling) {
		lp_event_emit(core, tr->undoing ? LP_EVENT_UNDO : LP_EVENT_DISABLE, tr->patch, 0);
		lp_list_for_each(patch, &tr->coming, transition_link)
			lp_event_emit(core, LP_EVENT_RETURN, patch, 0);
		return;
	}
	lp_event_emit(core, LP_EVENT_APPLY, tr->patch, 0);
	lp_list_for_each(patch, &tr->leaving, transition_link) {
		if (!patch->replaceable)
			lp_event_emit(core, LP_EVENT_OVERRIDE, patch, 0);
		lp_event_emit(core, LP_EVENT_REPLACE, patch, 0);
	}
}

int lp_transition_start(struct lp_core *core, const struct lp_start *start,
			struct lp_report *report)
{
	struct lp_transition *tr = &core->transition;
	int error;

	transition_init(core, start);
	deadline_set(core, start->deadline);
	patches_join(core, start);
	lp_holds_join(core);
	error = lp_sites_join(core, report);
	if (!error)
		error = host_prepare(core, report);
	if (!error)
		error = start_callbacks(core, report);
	if (error) {
		start_undo(core);
		return error;
	}
	core->epoch = tr->epoch;
	start_mark(core);
	start_tell(core);
	return 0;
}

/* End. In each of these the host is told first, while all versions are still there. */

/* The entries are settled: from here to the end nothing but callbacks is left. */
static void finish_begin(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;

	lp_sites_leave(core);
	lp_blocker_clear(core);
	tr->phase = LP_PHASE_FINISH;
	tr->listed = false;
}

static void finish_end(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;

	lp_holds_leave(tr);
	tr->phase = LP_PHASE_IDLE;
	tr->patch = NULL;
}

static void patch_out(struct lp_patch *patch)
{
	unsigned int i;

	patch_settle(patch);
	patch->enabled = false;
	lp_list_remove(&patch->link);
	lp_sites_detach(patch);
	for (i = 0; i < patch->n_objects; i++)
		patch->objects[i].pre_patched = false;
}

/* by: the patch that can be undone to have them back, or NULL. */
static void patches_go(struct lp_core *core, struct lp_list *patches, struct lp_patch *by,
		       bool tell)
{
	while (!lp_list_empty(patches)) {
		struct lp_patch *patch = patches_first(patches);

		patch->enabled = false;
		if (tell)
			lp_event_emit(core, LP_EVENT_DISABLED, patch, 0);
		patch_out(patch);
		if (by)
			lp_undo_keep(core, patch, by);
		else
			lp_undo_release(core, patch);
	}
	if (by)
		lp_undo_update(core, by);
}

static void patches_stay(struct lp_core *core, struct lp_list *patches, bool tell)
{
	while (!lp_list_empty(patches)) {
		struct lp_patch *patch = patches_first(patches);

		patch_settle(patch);
		if (tell)
			lp_event_emit(core, LP_EVENT_ENABLED, patch, 0);
	}
}

/* Those that come: ENABLED. Those that were to leave and stay: only if that was asked for. */
static void complete_patches(struct lp_core *core, struct lp_patch *patch)
{
	struct lp_transition *tr = &core->transition;

	if (tr->target == LP_PATCHED) {
		patches_go(core, &tr->leaving, tr->keep ? patch : NULL, true);
		patches_stay(core, &tr->coming, true);
	} else {
		patches_stay(core, &tr->leaving, tr->disabling);
		patches_go(core, &tr->coming, tr->undoing ? patch : NULL, true);
	}
}

void lp_transition_complete(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	struct lp_patch *patch = tr->patch;

	lp_sites_choose(tr, tr->target == LP_PATCHED);
	core->host->settle(core->host_data, tr);
	finish_begin(core);
	lp_event_emit(core, LP_EVENT_COMPLETE, patch, 0);
	lp_state_finish(core, tr->target == LP_PATCHED);
	finish_end(core);
	complete_patches(core, patch);
}

void lp_transition_abandon(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	struct lp_patch *patch = tr->patch;

	core->host->abandon(core->host_data, tr);
	lp_sites_choose(tr, false);
	tr->target = LP_UNPATCHED;
	finish_begin(core);
	lp_state_finish(core, false);
	finish_end(core);
	patches_stay(core, &tr->leaving, false);
	lp_event_emit(core, LP_EVENT_ABANDON, patch, 0);
	patches_go(core, &tr->coming, tr->undoing ? patch : NULL, false);
}

/* Midway */

bool lp_transition_is_busy(const struct lp_core *core, struct lp_report *report)
{
	const struct lp_patch *patch = core->transition.patch;

	if (core->transition.phase == LP_PHASE_IDLE)
		patch = core->calling.patch;
	if (!patch)
		return false;
	lp_report_patch(report, LP_REASON_BUSY_TRANSITION, patch->name);
	return true;
}

static void target_flip(struct lp_transition *tr)
{
	tr->reversed = !tr->reversed;
	tr->target = tr->target == LP_PATCHED ? LP_UNPATCHED : LP_PATCHED;
}

int lp_transition_reverse(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	int error;

	if (tr->phase == LP_PHASE_REDIRECT) {
		lp_event_emit(core, LP_EVENT_REVERSE, tr->patch, 0);
		lp_transition_abandon(core);
		return 0;
	}
	target_flip(tr);
	error = core->host->target(core->host_data, tr);
	if (error) {
		target_flip(tr);
		return error;
	}
	tr->fresh = true;
	tr->listed = false;
	tr->forcing = false;
	tr->interval_ns = LP_PASS_INTERVAL_MIN_NS;
	tr->next_pass_ns = 0;
	/* what was in the way of one direction says nothing about the other */
	lp_blocker_clear(core);
	lp_event_emit(core, LP_EVENT_REVERSE, tr->patch, 0);
	return 0;
}

static void patch_pin(struct lp_patch *patch)
{
	patch->forced = true;
	patch->pinned = true;
}

/*
 * Tasks may still be in the code of the versions that are left: the leaving patches' on the way
 * forward, the new patch's on the way back. The patch that was forced in keeps the mark: tasks
 * may still be in what it took the place of.
 */
static void force_mark(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	struct lp_patch *patch;

	if (tr->target == LP_UNPATCHED) {
		if (lp_list_empty(&tr->coming))
			tr->patch->forced = true;
		lp_list_for_each(patch, &tr->coming, transition_link)
			patch_pin(patch);
		return;
	}
	lp_list_for_each(patch, &tr->leaving, transition_link)
		patch_pin(patch);
	lp_list_for_each(patch, &tr->coming, transition_link)
		patch->forced = true;
}

int lp_transition_force(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	int error;

	tr->listed = false;
	error = core->host->tasks_begin(core->host_data);
	if (error < 0)
		return error;
	lp_event_emit(core, LP_EVENT_FORCE, tr->patch, 0);
	force_mark(core);
	tr->forcing = true;
	tr->listed = true;
	tr->listed_tasks = tr->switched_tasks = 0;
	return 0;
}
