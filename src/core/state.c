/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "state.h"

#include "callback.h"

const struct lp_patch_state *lp_state_get(const struct lp_core *core, const struct lp_patch *patch,
					  uint64_t id)
{
	(void)core;
	return lp_patch_find_state(patch, id);
}

/* the state in a patch of a transition's list, or NULL */
static const struct lp_patch_state *state_among(const struct lp_list *patches, uint64_t id)
{
	const struct lp_patch *patch;

	lp_list_for_each(patch, patches, transition_link) {
		const struct lp_patch_state *state = lp_patch_find_state(patch, id);

		if (state)
			return state;
	}
	return NULL;
}

const struct lp_patch_state *lp_state_get_prev(const struct lp_core *core, uint64_t id)
{
	const struct lp_transition *tr = &core->transition;

	if (tr->phase == LP_PHASE_IDLE || lp_list_empty(&tr->coming))
		return NULL;
	return state_among(&tr->leaving, id);
}

/* Introduced by, or dropped with, the patch: the other side of the transition does not have it. */
static bool is_changed(const struct lp_transition *tr, const struct lp_patch *patch,
		       const struct lp_patch_state *state)
{
	return !state_among(patch->coming ? &tr->leaving : &tr->coming, state->id);
}

static void states_call(struct lp_core *core, struct lp_patch *patch, enum lp_callback which)
{
	unsigned int i;

	for (i = 0; i < patch->n_states; i++) {
		const struct lp_patch_state *state = &patch->states[i];

		if (!is_changed(&core->transition, patch, state))
			continue;
		(void)lp_callback_state(core, patch, state, which);
		if (which == LP_POST_UNPATCH)
			lp_callback_shadow_free(core, patch, state);
	}
}

/* Start. How far it has come is in n_states and n_objects, for those who undo it. */

struct progress {
	unsigned int n_states, n_objects;
};

static int pre_patch_states(struct lp_core *core, struct lp_patch *patch, struct progress *progress,
			    struct lp_report *report)
{
	for (; progress->n_states < patch->n_states; progress->n_states++) {
		const struct lp_patch_state *state = &patch->states[progress->n_states];
		struct lp_callback_call call = { .which = LP_PRE_PATCH, .state = state };
		int error;

		if (!is_changed(&core->transition, patch, state))
			continue;
		error = lp_callback_state(core, patch, state, LP_PRE_PATCH);
		if (!error)
			continue;
		lp_callback_report(report, patch, &call, error);
		/* variables that it has made already would outlive their destructor */
		lp_callback_shadow_free(core, patch, state);
		return error;
	}
	return 0;
}

static int pre_patch_objects(struct lp_core *core, struct lp_patch *patch,
			     struct progress *progress, struct lp_report *report)
{
	for (; progress->n_objects < patch->n_objects; progress->n_objects++) {
		struct lp_patch_object *object = &patch->objects[progress->n_objects];
		struct lp_callback_call call = { .which = LP_PRE_PATCH, .object = object };
		int error;

		if (!object->present)
			continue;
		error = lp_callback_object(core, patch, object, LP_PRE_PATCH);
		if (error) {
			lp_callback_report(report, patch, &call, error);
			return error;
		}
		object->pre_patched = object->owed = true;
	}
	return 0;
}

/* Last first: the reverse of all of it. */
static void pre_patch_undo(struct lp_core *core, struct lp_patch *patch, struct progress progress)
{
	while (progress.n_objects--) {
		struct lp_patch_object *object = &patch->objects[progress.n_objects];

		if (!object->owed)
			continue;
		object->pre_patched = object->owed = false;
		(void)lp_callback_object(core, patch, object, LP_POST_UNPATCH);
	}
	while (progress.n_states--) {
		const struct lp_patch_state *state = &patch->states[progress.n_states];

		if (!is_changed(&core->transition, patch, state))
			continue;
		(void)lp_callback_state(core, patch, state, LP_POST_UNPATCH);
		lp_callback_shadow_free(core, patch, state);
	}
}

static int pre_patch(struct lp_core *core, struct lp_patch *patch, struct lp_report *report)
{
	struct progress progress = { 0, 0 };
	int error;

	error = pre_patch_states(core, patch, &progress, report);
	if (!error)
		error = pre_patch_objects(core, patch, &progress, report);
	if (error)
		pre_patch_undo(core, patch, progress);
	return error;
}

static void pre_patch_undo_before(struct lp_core *core, struct lp_patch *failed)
{
	struct lp_list *link;

	for (link = failed->transition_link.prev; link != &core->transition.coming;
	     link = link->prev) {
		struct lp_patch *patch = lp_list_entry(link, struct lp_patch, transition_link);
		struct progress all = { patch->n_states, patch->n_objects };

		pre_patch_undo(core, patch, all);
	}
}

/* As in the kernel, the callbacks of objects are called by a disable, not by a replace. */
static void pre_unpatch_objects(struct lp_core *core, struct lp_patch *patch)
{
	unsigned int i;

	for (i = 0; i < patch->n_objects; i++) {
		struct lp_patch_object *object = &patch->objects[i];

		if (!object->present)
			continue;
		object->owed = true;
		(void)lp_callback_object(core, patch, object, LP_PRE_UNPATCH);
	}
}

int lp_state_start(struct lp_core *core, struct lp_report *report)
{
	struct lp_transition *tr = &core->transition;
	struct lp_patch *patch;

	lp_list_for_each(patch, &tr->coming, transition_link) {
		if (pre_patch(core, patch, report)) {
			pre_patch_undo_before(core, patch);
			return -ECANCELED;
		}
	}
	lp_list_for_each(patch, &tr->leaving, transition_link) {
		if (lp_list_empty(&tr->coming))
			pre_unpatch_objects(core, patch);
		states_call(core, patch, LP_PRE_UNPATCH);
	}
	return 0;
}

/* Finish */

static void objects_finish(struct lp_core *core, struct lp_patch *patch, enum lp_callback which)
{
	unsigned int i;

	for (i = 0; i < patch->n_objects; i++) {
		struct lp_patch_object *object = &patch->objects[i];

		if (!object->owed)
			continue;
		object->owed = false;
		if (which == LP_POST_PATCH || object->pre_patched)
			(void)lp_callback_object(core, patch, object, which);
		if (which == LP_POST_UNPATCH)
			object->pre_patched = false;
	}
}

/* What stays first: it may still need the data of what goes. */
void lp_state_finish(struct lp_core *core, bool forward)
{
	struct lp_transition *tr = &core->transition;
	struct lp_patch *patch;

	lp_list_for_each(patch, forward ? &tr->coming : &tr->leaving, transition_link) {
		states_call(core, patch, LP_POST_PATCH);
		objects_finish(core, patch, LP_POST_PATCH);
	}
	lp_list_for_each(patch, forward ? &tr->leaving : &tr->coming, transition_link) {
		objects_finish(core, patch, LP_POST_UNPATCH);
		states_call(core, patch, LP_POST_UNPATCH);
	}
}

bool lp_state_check_reverse(const struct lp_core *core, struct lp_report *report)
{
	const struct lp_transition *tr = &core->transition;
	unsigned int total = report->total;
	const struct lp_patch *patch;
	unsigned int i;

	if (tr->target == LP_UNPATCHED)
		return true;
	lp_list_for_each(patch, &tr->coming, transition_link) {
		for (i = 0; i < patch->n_states; i++) {
			struct lp_refusal refusal = {
				.reason = LP_REASON_BLOCK_DISABLE,
				.patch = patch->name,
				.state = patch->states[i].id,
			};

			if (patch->states[i].block_disable &&
			    is_changed(tr, patch, &patch->states[i]))
				lp_report_add(report, refusal);
		}
	}
	return report->total == total;
}
