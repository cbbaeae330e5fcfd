/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rules have their numbers from docs/design/core.md, "Replace and conflicts". */
#include "replace.h"

#include "name.h"

static bool obsoletes_scope(const struct lp_patch *patch, uint64_t scope)
{
	unsigned int i;

	for (i = 0; i < patch->n_obsoletes; i++) {
		if (patch->obsoletes[i] == scope)
			return true;
	}
	return false;
}

/* rule 1 */
static bool replaces(const struct lp_patch *patch, const struct lp_patch *other)
{
	return patch->replace || other->provides == patch->provides ||
	       obsoletes_scope(patch, other->provides);
}

static void report_function(struct lp_report *report, enum lp_reason reason,
			    const struct lp_patch *other, const struct lp_function *function)
{
	struct lp_refusal refusal = { .reason = reason,
				      .patch = other->name,
				      .object = function->object,
				      .function = function->name };

	lp_report_add(report, refusal);
}

static void report_state(struct lp_report *report, enum lp_reason reason,
			 const struct lp_patch *other, uint64_t state)
{
	struct lp_refusal refusal = { .reason = reason, .patch = other->name, .state = state };

	lp_report_add(report, refusal);
}

/* Looks up the functions of the patch that has fewer of them in the other one. */
static void conflicting_functions(const struct lp_patch *patch, const struct lp_patch *other,
				  struct lp_report *conflicts)
{
	bool swap = other->n_functions < patch->n_functions;
	const struct lp_patch *few = swap ? other : patch;
	const struct lp_patch *many = swap ? patch : other;
	unsigned int i;

	for (i = 0; i < few->n_functions; i++) {
		const struct lp_function *found = lp_patch_find(many, &few->functions[i]);

		if (found)
			report_function(conflicts, LP_REASON_CONFLICT_FUNCTION, other,
					swap ? &few->functions[i] : found);
	}
}

/* rule 2 */
static void conflicts_list(const struct lp_patch *patch, const struct lp_patch *other,
			   struct lp_report *conflicts)
{
	unsigned int i;

	conflicting_functions(patch, other, conflicts);
	for (i = 0; i < patch->n_states; i++) {
		if (lp_patch_find_state(other, patch->states[i].id))
			report_state(conflicts, LP_REASON_CONFLICT_STATE, other,
				     patch->states[i].id);
	}
}

static bool is_in_conflict(const struct lp_patch *patch, const struct lp_patch *other)
{
	struct lp_report count = { 0 };

	conflicts_list(patch, other, &count);
	return count.total != 0;
}

/* A patch that takes a state over must know at least what the old one knew of it. */
static void state_versions_check(const struct lp_patch *patch, const struct lp_patch *other,
				 struct lp_report *report)
{
	unsigned int i;

	for (i = 0; i < patch->n_states; i++) {
		const struct lp_patch_state *old;

		old = lp_patch_find_state(other, patch->states[i].id);
		if (old && patch->states[i].version < old->version)
			report_state(report, LP_REASON_STATE_VERSION, other, old->id);
	}
}

/* What may go only to a patch that has it too. patch NULL: to none. */
static void blocks_check(const struct lp_patch *patch, const struct lp_patch *other,
			 struct lp_report *report)
{
	unsigned int i;

	for (i = 0; i < other->n_states; i++) {
		const struct lp_patch_state *state = &other->states[i];

		if (state->block_disable && !(patch && lp_patch_find_state(patch, state->id)))
			report_state(report, LP_REASON_BLOCK_DISABLE, other, state->id);
	}
}

/* rules 1 to 4 for one enabled patch; decides whether it leaves */
static void other_check(const struct lp_patch *patch, struct lp_patch *other,
			const struct lp_apply_options *options, struct lp_report *report)
{
	other->leaving = replaces(patch, other);
	if (!other->leaving && (patch->conflicts_replace || options->replace_conflicting))
		other->leaving = is_in_conflict(patch, other);
	if (!other->leaving) {
		conflicts_list(patch, other, report);
		if (lp_name_same(other->name, patch->name))
			lp_report_patch(report, LP_REASON_ALREADY_ENABLED, other->name);
		return;
	}
	if (!other->replaceable && !options->override)
		lp_report_patch(report, LP_REASON_NOT_REPLACEABLE, other->name);
	state_versions_check(patch, other, report);
	blocks_check(patch, other, report);
}

/* Is a patch of this name enabled, and not about to leave? */
static bool stays(const struct lp_core *core, const char *name)
{
	const struct lp_patch *other;

	lp_list_for_each(other, &core->patches, link) {
		if (!other->leaving && lp_name_same(other->name, name))
			return true;
	}
	return false;
}

static bool requires_name(const struct lp_patch *patch, const char *name)
{
	unsigned int i;

	for (i = 0; i < patch->n_requires; i++) {
		if (lp_name_same(patch->requires[i], name))
			return true;
	}
	return false;
}

/* rule 5: does a patch that stays require the one that leaves? */
static void required_check(struct lp_core *core, const struct lp_patch *leaving,
			   struct lp_report *report)
{
	const struct lp_patch *other;

	lp_list_for_each(other, &core->patches, link) {
		if (other != leaving && !other->leaving && requires_name(other, leaving->name))
			lp_report_patch(report, LP_REASON_REQUIRED, other->name);
	}
}

/* rule 5, both ways; the patches that leave are known */
static void requirements_check(struct lp_core *core, const struct lp_patch *patch,
			       struct lp_report *report)
{
	const struct lp_patch *other;
	unsigned int i;

	for (i = 0; i < patch->n_requires; i++) {
		if (!stays(core, patch->requires[i]))
			lp_report_patch(report, LP_REASON_MISSING_REQUIREMENT, patch->requires[i]);
	}
	lp_list_for_each(other, &core->patches, link) {
		/* a newer patch of the same name is what the requirement asks for */
		if (other->leaving && !lp_name_same(other->name, patch->name))
			required_check(core, other, report);
	}
}

bool lp_replace_check(struct lp_core *core, const struct lp_patch *patch,
		      const struct lp_apply_options *options, struct lp_report *report)
{
	unsigned int total = report->total;
	struct lp_patch *other;

	lp_list_for_each(other, &core->patches, link)
		other_check(patch, other, options, report);
	requirements_check(core, patch, report);
	return report->total == total;
}

bool lp_replace_check_disable(struct lp_core *core, const struct lp_patch *patch,
			      struct lp_report *report)
{
	unsigned int total = report->total;

	lp_replace_clear(core);
	if (patch->forced)
		lp_report_patch(report, LP_REASON_FORCED, patch->name);
	blocks_check(NULL, patch, report);
	required_check(core, patch, report);
	return report->total == total;
}

/* Undo: the patches of patch->replaced come, the patch goes, the others stay. */

static bool comes_back(const struct lp_patch *patch, const char *name)
{
	const struct lp_patch *coming;

	lp_list_for_each(coming, &patch->replaced, link) {
		if (lp_name_same(coming->name, name))
			return true;
	}
	return false;
}

static bool state_comes_back(const struct lp_patch *patch, uint64_t id)
{
	const struct lp_patch *coming;

	lp_list_for_each(coming, &patch->replaced, link) {
		if (lp_patch_find_state(coming, id))
			return true;
	}
	return false;
}

static void undo_blocks_check(const struct lp_patch *patch, struct lp_report *report)
{
	unsigned int i;

	for (i = 0; i < patch->n_states; i++) {
		const struct lp_patch_state *state = &patch->states[i];

		if (state->block_disable && !state_comes_back(patch, state->id))
			report_state(report, LP_REASON_BLOCK_DISABLE, patch, state->id);
	}
}

/* Those that were applied since, against one that comes back. */
static void undo_conflicts_check(struct lp_core *core, const struct lp_patch *coming,
				 struct lp_report *report)
{
	const struct lp_patch *other;

	lp_list_for_each(other, &core->patches, link) {
		if (other->leaving)
			continue;
		if (other->provides == coming->provides)
			lp_report_patch(report, LP_REASON_CONFLICT_SCOPE, other->name);
		if (lp_name_same(other->name, coming->name))
			lp_report_patch(report, LP_REASON_ALREADY_ENABLED, other->name);
		conflicts_list(coming, other, report);
	}
}

static void undo_coming_check(struct lp_core *core, const struct lp_patch *patch,
			      const struct lp_patch *coming, struct lp_report *report)
{
	unsigned int i;

	if (coming->forced)
		lp_report_patch(report, LP_REASON_FORCED, coming->name);
	undo_conflicts_check(core, coming, report);
	state_versions_check(coming, patch, report);
	for (i = 0; i < coming->n_requires; i++) {
		const char *name = coming->requires[i];

		if (!stays(core, name) && !comes_back(patch, name))
			lp_report_patch(report, LP_REASON_MISSING_REQUIREMENT, name);
	}
}

bool lp_replace_check_undo(struct lp_core *core, struct lp_patch *patch, struct lp_report *report)
{
	unsigned int total = report->total;
	const struct lp_patch *coming;

	lp_replace_clear(core);
	patch->leaving = true;
	if (patch->forced)
		lp_report_patch(report, LP_REASON_FORCED, patch->name);
	undo_blocks_check(patch, report);
	if (!comes_back(patch, patch->name))
		required_check(core, patch, report);
	lp_list_for_each(coming, &patch->replaced, link)
		undo_coming_check(core, patch, coming, report);
	return report->total == total;
}

void lp_replace_weak(const struct lp_core *core, const struct lp_patch *patch,
		     struct lp_report *weak)
{
	const struct lp_patch *other;
	unsigned int i;

	lp_list_for_each(other, &core->patches, link) {
		for (i = 0; other->leaving && i < other->n_functions; i++) {
			const struct lp_function *function = &other->functions[i];

			if (!lp_patch_find(patch, function))
				report_function(weak, LP_REASON_WEAK_CONFLICT, other, function);
		}
	}
}

void lp_replace_clear(struct lp_core *core)
{
	struct lp_patch *other;

	lp_list_for_each(other, &core->patches, link)
		other->leaving = false;
}
