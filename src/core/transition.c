/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "blocker.h"

static void transition_init(struct lp_core *core, struct lp_patch *patch, bool disabling)
{
	struct lp_transition *tr = &core->transition;
	unsigned int i;

	memset(tr, 0, sizeof(*tr));
	lp_list_init(&tr->sites);
	lp_list_init(&tr->blockers);
	for (i = 0; i < LP_BLOCKER_BUCKETS; i++)
		lp_list_init(&tr->blocker_buckets[i]);
	tr->target = LP_PATCHED;
	tr->epoch = core->epoch + 1;
	tr->patch = patch;
	tr->disabling = disabling;
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

/* Sites: those of the new patch and of the leaving ones, each with the version it goes to. */

static void site_join(struct lp_transition *tr, struct lp_site *site, struct lp_function *next)
{
	site->next = next;
	lp_list_append(&tr->sites, &site->transition_link);
}

/* The functions of a leaving patch go to the new patch's, or back to the original (a nop). */
static void sites_join_leaving(struct lp_transition *tr, const struct lp_patch *leaving,
			       const struct lp_patch *patch)
{
	unsigned int i;

	for (i = 0; i < leaving->n_functions; i++) {
		struct lp_function *old = &leaving->functions[i];
		struct lp_function *next = patch ? lp_patch_find(patch, old) : NULL;

		if (next)
			next->site = old->site;
		site_join(tr, old->site, next);
	}
}

/* The new patch's functions that no leaving patch has: nobody has them, they are new sites. */
static int sites_join_new(struct lp_core *core, struct lp_patch *patch, struct lp_report *report)
{
	unsigned int i;
	int error;

	for (i = 0; i < patch->n_functions; i++) {
		struct lp_function *function = &patch->functions[i];

		if (function->site)
			continue;
		error = lp_site_create(core, function, report);
		if (error)
			return error;
		site_join(&core->transition, function->site, function);
	}
	return 0;
}

static void functions_detach(struct lp_patch *patch)
{
	unsigned int i;

	for (i = 0; i < patch->n_functions; i++) {
		patch->functions[i].patch = patch;
		patch->functions[i].site = NULL;
	}
}

static int sites_join(struct lp_core *core, struct lp_patch *patch, struct lp_report *report)
{
	const struct lp_patch *other;

	if (patch)
		functions_detach(patch);
	lp_list_for_each(other, &core->patches, link) {
		if (other->leaving)
			sites_join_leaving(&core->transition, other, patch);
	}
	return patch ? sites_join_new(core, patch, report) : 0;
}

static void sites_choose(struct lp_transition *tr, enum lp_target target)
{
	struct lp_site *site;

	lp_list_for_each(site, &tr->sites, transition_link) {
		if (target == LP_PATCHED)
			site->current = site->next;
		else
			site->next = site->current;
		/* the version it was named after may be about to go */
		if (site->current)
			site->first = site->current;
	}
}

/* Ends their part in the transition, the last one to join first. */
static void sites_leave(struct lp_core *core)
{
	struct lp_list *head = &core->transition.sites;

	while (!lp_list_empty(head)) {
		struct lp_site *site = lp_list_entry(head->prev, struct lp_site, transition_link);

		lp_list_remove(&site->transition_link);
		if (!site->current)
			lp_site_destroy(core, site);
	}
}

/* Start */

static int host_prepare(struct lp_core *core, struct lp_report *report)
{
	struct lp_transition *tr = &core->transition;
	struct lp_refusal refusal = { .patch = tr->patch->name };
	unsigned int total = report->total;
	int error;

	error = core->host->prepare(core->host_data, tr);
	refusal.reason = error == -ENOMEM ? LP_REASON_NO_MEMORY : LP_REASON_SYSTEM;
	if (error && report->total == total)
		lp_report_add(report, refusal);
	return error;
}

static void start_undo(struct lp_core *core, struct lp_patch *patch, bool disabling)
{
	sites_choose(&core->transition, LP_UNPATCHED);
	sites_leave(core);
	if (!disabling)
		functions_detach(patch);
	core->transition.patch = NULL;
}

static void start_mark(struct lp_core *core, struct lp_patch *patch, bool disabling)
{
	struct lp_patch *other;

	lp_list_for_each(other, &core->patches, link)
		other->in_transition = other->leaving;
	if (disabling)
		return;
	patch->enabled = true;
	patch->in_transition = true;
	patch->leaving = false;
	lp_list_append(&core->patches, &patch->link);
}

static void start_tell(struct lp_core *core, struct lp_patch *patch, bool disabling)
{
	const struct lp_patch *other;

	lp_event_emit(core, disabling ? LP_EVENT_DISABLE : LP_EVENT_APPLY, patch, 0);
	if (disabling)
		return;
	lp_list_for_each(other, &core->patches, link) {
		if (!other->leaving)
			continue;
		if (!other->replaceable)
			lp_event_emit(core, LP_EVENT_OVERRIDE, other, 0);
		lp_event_emit(core, LP_EVENT_REPLACE, other, 0);
	}
}

int lp_transition_start(struct lp_core *core, struct lp_patch *patch, bool disabling,
			const struct lp_deadline *deadline, struct lp_report *report)
{
	struct lp_transition *tr = &core->transition;
	int error;

	transition_init(core, patch, disabling);
	deadline_set(core, deadline);
	error = sites_join(core, disabling ? NULL : patch, report);
	if (!error)
		error = host_prepare(core, report);
	if (error) {
		start_undo(core, patch, disabling);
		return error;
	}
	core->epoch = tr->epoch;
	tr->phase = LP_PHASE_REDIRECT;
	start_mark(core, patch, disabling);
	start_tell(core, patch, disabling);
	return 0;
}

/* End. In each of these the host is told first, while all versions are still there. */

static void transition_end(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;

	sites_leave(core);
	lp_blocker_clear(core);
	tr->phase = LP_PHASE_IDLE;
	tr->listed = false;
	tr->patch = NULL;
}

static void patch_stays(struct lp_patch *patch)
{
	patch->leaving = false;
	patch->in_transition = false;
}

/* The host owns it from here on. */
static void patch_release(struct lp_core *core, struct lp_patch *patch)
{
	lp_list_remove(&patch->link);
	functions_detach(patch);
	patch_stays(patch);
	core->host->patch_release(core->host_data, patch);
}

static void patch_disabled(struct lp_core *core, struct lp_patch *patch)
{
	patch->enabled = false;
	lp_event_emit(core, LP_EVENT_DISABLED, patch, 0);
	patch_release(core, patch);
}

static void leaving_stay(struct lp_core *core)
{
	struct lp_patch *other;

	lp_list_for_each(other, &core->patches, link) {
		if (other->leaving)
			patch_stays(other);
	}
}

static void leaving_go(struct lp_core *core)
{
	struct lp_patch *other, *following;

	lp_list_for_each_safe(other, following, &core->patches, link) {
		if (other->leaving)
			patch_disabled(core, other);
	}
}

void lp_transition_complete(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	struct lp_patch *patch = tr->patch;
	bool forward = tr->target == LP_PATCHED;
	bool stays = forward != tr->disabling;

	sites_choose(tr, tr->target);
	core->host->settle(core->host_data, tr);
	transition_end(core);
	lp_event_emit(core, LP_EVENT_COMPLETE, patch, 0);
	if (forward)
		leaving_go(core);
	else
		leaving_stay(core);
	if (stays) {
		patch_stays(patch);
		lp_event_emit(core, LP_EVENT_ENABLED, patch, 0);
	} else if (!forward) {
		patch_disabled(core, patch);
	}
}

void lp_transition_abandon(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	struct lp_patch *patch = tr->patch;

	core->host->abandon(core->host_data, tr);
	sites_choose(tr, LP_UNPATCHED);
	transition_end(core);
	leaving_stay(core);
	if (!tr->disabling)
		patch->enabled = false;
	lp_event_emit(core, LP_EVENT_ABANDON, patch, 0);
	if (!tr->disabling)
		patch_release(core, patch);
}

/* Midway */

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
	struct lp_patch *other;

	if (tr->target == LP_UNPATCHED) {
		if (tr->disabling)
			tr->patch->forced = true;
		else
			patch_pin(tr->patch);
		return;
	}
	lp_list_for_each(other, &core->patches, link) {
		if (other->leaving)
			patch_pin(other);
	}
	tr->patch->forced = true;
}

int lp_transition_force(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	unsigned int tasks = 0;
	int64_t tid;
	int error;

	tr->listed = false;
	error = core->host->tasks_begin(core->host_data);
	if (error < 0)
		return error;
	lp_event_emit(core, LP_EVENT_FORCE, tr->patch, 0);
	for (tid = core->host->task_next(core->host_data); tid;
	     tid = core->host->task_next(core->host_data)) {
		if (!core->host->task_force(core->host_data, tr, tid))
			tasks++;
	}
	tr->n_tasks = tr->n_switched = tasks;
	force_mark(core);
	lp_transition_complete(core);
	return 0;
}
