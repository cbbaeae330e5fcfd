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

static void refuse(struct lp_report *report, enum lp_reason reason, const char *patch)
{
	struct lp_refusal refusal = { .reason = reason, .patch = patch };

	lp_report_add(report, refusal);
}

static void refuse_errno(struct lp_report *report, int error, const char *patch)
{
	refuse(report, error == -ENOMEM ? LP_REASON_NO_MEMORY : LP_REASON_SYSTEM, patch);
}

static bool is_busy(const struct lp_core *core, struct lp_report *report)
{
	if (core->transition.phase == LP_PHASE_IDLE)
		return false;
	refuse(report, LP_REASON_BUSY_TRANSITION, core->transition.patch->name);
	return true;
}

static struct lp_patch *find_enabled(const struct lp_core *core, const char *name,
				     struct lp_report *report)
{
	struct lp_patch *patch = lp_core_find(core, name);

	if (!patch)
		refuse(report, LP_REASON_NO_SUCH_PATCH, name);
	return patch;
}

int lp_core_check(struct lp_core *core, const struct lp_patch *patch,
		  const struct lp_apply_options *options, struct lp_report *report)
{
	int error;

	if (is_busy(core, report))
		return -EBUSY;
	lp_replace_clear(core);
	if (patch->enabled) { /* this very one: nothing can take its own place */
		refuse(report, LP_REASON_ALREADY_ENABLED, patch->name);
		return -ECANCELED;
	}
	error = lp_patch_validate(patch);
	if (error) {
		refuse(report, LP_REASON_BAD_FILE, patch->name);
		return error;
	}
	if (!lp_replace_check(core, patch, options ? options : &no_options, report))
		return -ECANCELED;
	return 0;
}

int lp_core_apply(struct lp_core *core, struct lp_patch *patch,
		  const struct lp_apply_options *options, struct lp_report *report)
{
	const struct lp_deadline *deadline = options ? &options->deadline : NULL;
	int error;

	if (is_busy(core, report))
		return -EBUSY;
	error = lp_core_check(core, patch, options, report);
	if (!error)
		error = lp_transition_start(core, patch, false, deadline, report);
	if (error)
		lp_replace_clear(core);
	return error;
}

int lp_core_disable(struct lp_core *core, const char *name, const struct lp_deadline *deadline,
		    struct lp_report *report)
{
	struct lp_patch *patch;
	int error;

	if (is_busy(core, report))
		return -EBUSY;
	patch = find_enabled(core, name, report);
	if (!patch)
		return -ENOENT;
	if (!lp_replace_check_disable(core, patch, report))
		return -ECANCELED;
	patch->leaving = true;
	error = lp_transition_start(core, patch, true, deadline, report);
	if (error)
		patch->leaving = false;
	return error;
}

static bool is_idle(const struct lp_core *core, struct lp_report *report)
{
	if (core->transition.phase != LP_PHASE_IDLE)
		return false;
	refuse(report, LP_REASON_NO_TRANSITION, NULL);
	return true;
}

int lp_core_reverse(struct lp_core *core, struct lp_report *report)
{
	const char *name;
	int error;

	if (is_idle(core, report))
		return -ENOENT;
	name = core->transition.patch->name;
	error = lp_transition_reverse(core);
	if (error)
		refuse_errno(report, error, name);
	return error;
}

int lp_core_force(struct lp_core *core, struct lp_report *report)
{
	const char *name;
	int error;

	if (is_idle(core, report))
		return -ENOENT;
	if (core->transition.phase == LP_PHASE_REDIRECT)
		return -EAGAIN;
	name = core->transition.patch->name;
	error = lp_transition_force(core);
	if (error)
		refuse_errno(report, error, name);
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
	return lp_pass_run(core);
}
