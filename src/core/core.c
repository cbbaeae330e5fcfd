/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core.h"

#include "pass.h"
#include "replace.h"
#include "name.h"

static const struct lp_apply_options no_options;

void lp_core_init(struct lp_core *core, const struct lp_host *host, void *host_data)
{
	unsigned int i;

	memset(core, 0, sizeof(*core));
	core->host = host;
	core->host_data = host_data;
	lp_list_init(&core->patches);
	lp_list_init(&core->sites);
	lp_list_init(&core->undo);
	core->undo_depth = LP_UNDO_DEPTH;
	lp_list_init(&core->transition.coming);
	lp_list_init(&core->transition.leaving);
	lp_list_init(&core->transition.holds);
	lp_list_init(&core->transition.sites);
	lp_list_init(&core->transition.blockers);
	for (i = 0; i < LP_BLOCKER_BUCKETS; i++)
		lp_list_init(&core->transition.blocker_buckets[i]);
}

struct lp_patch *lp_core_find(const struct lp_core *core, const char *name)
{
	struct lp_patch *patch, *newest = NULL;

	lp_list_for_each(patch, &core->patches, link) {
		if (lp_name_same(patch->name, name))
			newest = patch;
	}
	return newest;
}

static struct lp_patch *find_enabled(const struct lp_core *core, const char *name,
				     struct lp_report *report)
{
	struct lp_patch *patch = lp_core_find(core, name);

	if (!patch)
		lp_report_patch(report, LP_REASON_NO_SUCH_PATCH, name);
	return patch;
}

int lp_core_check(struct lp_core *core, const struct lp_patch *patch,
		  const struct lp_apply_options *options, struct lp_report *report)
{
	int error;

	if (lp_transition_is_busy(core, report))
		return -EBUSY;
	lp_replace_clear(core);
	if (patch->enabled || patch->kept) { /* this very one: nothing can take its own place */
		lp_report_patch(report, LP_REASON_ALREADY_ENABLED, patch->name);
		return -ECANCELED;
	}
	error = lp_patch_validate(patch);
	if (error) {
		lp_report_patch(report, LP_REASON_BAD_FILE, patch->name);
		return error;
	}
	if (!options)
		options = &no_options;
	if (!lp_replace_check(core, patch, options, report))
		error = -ECANCELED;
	if (options->weak)
		lp_replace_weak(core, patch, options->weak);
	return error;
}

/* Can those that the patch replaces come back one day? */
static bool can_keep(const struct lp_core *core, const struct lp_apply_options *options)
{
	return core->host->patch_keep && core->undo_depth && !(options && options->no_undo);
}

int lp_core_apply(struct lp_core *core, struct lp_patch *patch,
		  const struct lp_apply_options *options, struct lp_report *report)
{
	struct lp_start start = {
		.kind = LP_START_APPLY,
		.patch = patch,
		.deadline = options ? &options->deadline : NULL,
		.keep = can_keep(core, options),
	};
	int error;

	if (lp_transition_is_busy(core, report))
		return -EBUSY;
	error = lp_core_check(core, patch, options, report);
	if (!error)
		error = lp_transition_start(core, &start, report);
	if (error)
		lp_replace_clear(core);
	return error;
}

int lp_core_disable(struct lp_core *core, const char *name, const struct lp_deadline *deadline,
		    struct lp_report *report)
{
	struct lp_start start = { .kind = LP_START_DISABLE, .deadline = deadline };
	struct lp_patch *patch;
	int error;

	if (lp_transition_is_busy(core, report))
		return -EBUSY;
	patch = find_enabled(core, name, report);
	if (!patch)
		return -ENOENT;
	if (!lp_replace_check_disable(core, patch, report))
		return -ECANCELED;
	patch->leaving = true;
	start.patch = patch;
	error = lp_transition_start(core, &start, report);
	if (error)
		patch->leaving = false;
	return error;
}

/* 0: there is a transition that can still be turned or forced. */
static int midway_check(const struct lp_core *core, struct lp_report *report)
{
	enum lp_phase phase = core->transition.phase;

	if (core->calling.patch || phase == LP_PHASE_FINISH) {
		(void)lp_transition_is_busy(core, report);
		return -EBUSY;
	}
	if (phase != LP_PHASE_IDLE)
		return 0;
	lp_report_patch(report, LP_REASON_NO_TRANSITION, NULL);
	return -ENOENT;
}

int lp_core_reverse(struct lp_core *core, struct lp_report *report)
{
	const char *name;
	int error;

	error = midway_check(core, report);
	if (error)
		return error;
	if (!lp_state_check_reverse(core, report))
		return -ECANCELED;
	name = core->transition.patch->name;
	error = lp_transition_reverse(core);
	if (error)
		lp_report_errno(report, error, name);
	return error;
}

int lp_core_force(struct lp_core *core, struct lp_report *report)
{
	const char *name;
	int error;

	error = midway_check(core, report);
	if (error)
		return error;
	if (core->transition.phase == LP_PHASE_REDIRECT)
		return -EAGAIN;
	name = core->transition.patch->name;
	error = lp_transition_force(core);
	if (error)
		lp_report_errno(report, error, name);
	else
		lp_pass_go_on(core); /* mostly to its end */
	return error;
}

int lp_core_set_replaceable(struct lp_core *core, const char *name, bool replaceable,
			    struct lp_report *report)
{
	struct lp_patch *patch = find_enabled(core, name, report);

	if (!patch)
		return -ENOENT;
	patch->replaceable = replaceable;
	lp_event_emit(core, LP_EVENT_SET, patch, 0);
	return 0;
}

uint64_t lp_core_pass(struct lp_core *core)
{
	if (core->calling.patch) /* its end is not ours to wait for */
		return LP_PASS_INTERVAL_MIN_NS;
	return lp_pass_run(core);
}

bool lp_patch_is_complete(const struct lp_core *core, const struct lp_patch *patch)
{
	const struct lp_transition *tr = &core->transition;

	/* on its way out from the first pre_unpatch on, before its transition has really begun */
	if (!patch->in_transition)
		return patch->enabled && !(patch->leaving && tr->phase != LP_PHASE_IDLE);
	return tr->phase == LP_PHASE_FINISH && patch->coming == (tr->target == LP_PATCHED);
}
