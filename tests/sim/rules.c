/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rules.h"

#include <stdio.h>
#include <string.h>

#include "world.h"

static const struct fix_truth *truth_of(const struct world *world, uint32_t serial)
{
	return &world->fixes[serial]->truth;
}

bool plan_has(const uint32_t *list, unsigned int n, uint32_t serial)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (list[i] == serial)
			return true;
	}
	return false;
}

uint32_t plan_with_state(const struct world *world, const uint32_t *list, unsigned int n,
			 uint64_t id)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (fix_state(world->fixes[list[i]], id))
			return list[i];
	}
	return 0;
}

static struct refusal *refuse(struct plan *plan, enum lp_reason reason, const char *patch)
{
	struct refusal *refusal;

	if (plan->n_refusals == MAX_REFUSALS)
		plan->n_refusals--;
	refusal = &plan->refusals[plan->n_refusals++];
	memset(refusal, 0, sizeof(*refusal));
	refusal->reason = reason;
	if (patch)
		snprintf(refusal->patch, sizeof(refusal->patch), "%s", patch);
	return refusal;
}

static void plan_init(struct world *world, struct plan *plan, uint32_t patch)
{
	memset(plan, 0, offsetof(struct plan, refusals));
	plan->n_refusals = 0;
	plan->patch = patch;
	if (!world->oracle.active)
		return;
	plan->error = -EBUSY;
	refuse(plan, LP_REASON_BUSY_TRANSITION, truth_of(world, world->oracle.plan.patch)->name);
}

static bool is_enabled(const struct world *world, unsigned int i)
{
	return truth_of(world, world->oracle.live[i])->enabled;
}

static void state_refuse(struct plan *plan, enum lp_reason reason, const char *patch, uint64_t id)
{
	refuse(plan, reason, patch)->state = id;
}

/* What a new one (or one that comes back) and an enabled one that stays have in common. */
static void conflicts(struct world *world, struct plan *plan, const struct fix *fix,
		      const struct fix *other)
{
	unsigned int i;

	for (i = 0; i < other->truth.n_functions; i++) {
		unsigned int function = other->truth.functions[i];
		struct refusal *refusal;

		if (!fix_has_function(fix, function))
			continue;
		refusal = refuse(plan, LP_REASON_CONFLICT_FUNCTION, other->truth.name);
		memcpy(refusal->function, world->program.functions[function].name,
		       sizeof(refusal->function));
	}
	for (i = 0; i < other->truth.n_states; i++) {
		if (fix_state(fix, other->truth.states[i].id))
			state_refuse(plan, LP_REASON_CONFLICT_STATE, other->truth.name,
				     other->truth.states[i].id);
	}
}

static bool in_conflict(struct world *world, const struct fix *fix, const struct fix *other)
{
	struct plan count = { 0 };

	conflicts(world, &count, fix, other);
	return count.n_refusals != 0;
}

static bool takes_scope(const struct fix *fix, const struct fix *other)
{
	unsigned int i;

	if (fix->truth.replace || fix->truth.provides == other->truth.provides)
		return true;
	for (i = 0; i < fix->truth.n_obsoletes; i++) {
		if (fix->truth.obsoletes[i] == other->truth.provides)
			return true;
	}
	return false;
}

/* The states of one that leaves: a later version of it than the one that takes it over? */
static void states_leave(struct world *world, struct plan *plan, const struct fix *other)
{
	unsigned int i;

	for (i = 0; i < other->truth.n_states; i++) {
		const struct lp_patch_state *state = &other->truth.states[i];
		uint32_t by = plan_with_state(world, plan->coming, plan->n_coming, state->id);

		if (by && fix_state(world->fixes[by], state->id)->version < state->version)
			state_refuse(plan, LP_REASON_STATE_VERSION, other->truth.name, state->id);
		if (!by && state->block_disable)
			state_refuse(plan, LP_REASON_BLOCK_DISABLE, other->truth.name, state->id);
	}
}

static bool requires(const struct world *world, const struct fix *fix, const char *name)
{
	unsigned int i;

	(void)world;
	for (i = 0; i < fix->truth.n_requires; i++) {
		if (strcmp(fix_name(fix->truth.requires[i]), name) == 0)
			return true;
	}
	return false;
}

static bool name_stays(const struct world *world, const struct plan *plan, const char *name)
{
	unsigned int i;

	for (i = 0; i < world->oracle.n_live; i++) {
		uint32_t serial = world->oracle.live[i];

		if (is_enabled(world, i) && !plan_has(plan->leaving, plan->n_leaving, serial) &&
		    strcmp(truth_of(world, serial)->name, name) == 0)
			return true;
	}
	return false;
}

static bool name_comes(const struct world *world, const struct plan *plan, const char *name)
{
	unsigned int i;

	for (i = 0; i < plan->n_coming; i++) {
		if (strcmp(truth_of(world, plan->coming[i])->name, name) == 0)
			return true;
	}
	return false;
}

/* A new patch does not stand for itself; those that undo brings back do for each other. */
static void required_by_coming(struct world *world, struct plan *plan, const struct fix *fix)
{
	unsigned int i;

	for (i = 0; i < fix->truth.n_requires; i++) {
		const char *name = fix_name(fix->truth.requires[i]);

		if (!name_stays(world, plan, name) &&
		    !(plan->undoing && name_comes(world, plan, name)))
			refuse(plan, LP_REASON_MISSING_REQUIREMENT, name);
	}
}

/* Is the one that leaves required by one that stays? A newer one of its name will do. */
static void required_by_staying(struct world *world, struct plan *plan, const struct fix *leaving)
{
	unsigned int i;

	if (name_comes(world, plan, leaving->truth.name))
		return;
	for (i = 0; i < world->oracle.n_live; i++) {
		uint32_t serial = world->oracle.live[i];

		if (is_enabled(world, i) && !plan_has(plan->leaving, plan->n_leaving, serial) &&
		    requires(world, world->fixes[serial], leaving->truth.name))
			refuse(plan, LP_REASON_REQUIRED, truth_of(world, serial)->name);
	}
}

static void apply_to(struct world *world, struct plan *plan, struct fix *fix, struct fix *other,
		     const struct lp_apply_options *options)
{
	bool leaves = takes_scope(fix, other);

	if (!leaves && (fix->truth.conflicts_replace || options->replace_conflicting))
		leaves = in_conflict(world, fix, other);
	if (!leaves) {
		conflicts(world, plan, fix, other);
		if (strcmp(fix->truth.name, other->truth.name) == 0)
			refuse(plan, LP_REASON_ALREADY_ENABLED, other->truth.name);
		return;
	}
	plan->leaving[plan->n_leaving++] = other->serial;
	if (!other->truth.replaceable && !options->override)
		refuse(plan, LP_REASON_NOT_REPLACEABLE, other->truth.name);
	states_leave(world, plan, other);
}

void plan_apply(struct world *world, struct plan *plan, struct fix *fix,
		const struct lp_apply_options *options)
{
	unsigned int i;

	plan_init(world, plan, fix->serial);
	if (plan->error)
		return;
	plan->no_undo = options->no_undo;
	if (fix->truth.malformed) {
		plan->error = -EINVAL;
		refuse(plan, LP_REASON_BAD_FILE, fix->patch.name);
		return;
	}
	plan->coming[plan->n_coming++] = fix->serial;
	for (i = 0; i < world->oracle.n_live; i++) {
		if (is_enabled(world, i))
			apply_to(world, plan, fix, world->fixes[world->oracle.live[i]], options);
	}
	required_by_coming(world, plan, fix);
	for (i = 0; i < plan->n_leaving; i++)
		required_by_staying(world, plan, world->fixes[plan->leaving[i]]);
	if (plan->n_refusals)
		plan->error = -ECANCELED;
}

static uint32_t find_enabled(const struct world *world, const char *name)
{
	unsigned int i;

	for (i = 0; i < world->oracle.n_live; i++) {
		if (is_enabled(world, i) &&
		    strcmp(truth_of(world, world->oracle.live[i])->name, name) == 0)
			return world->oracle.live[i];
	}
	return 0;
}

void plan_disable(struct world *world, struct plan *plan, const char *name)
{
	struct fix *fix;

	plan_init(world, plan, 0);
	plan->disabling = true;
	if (plan->error)
		return;
	plan->patch = find_enabled(world, name);
	if (!plan->patch) {
		plan->error = -ENOENT;
		refuse(plan, LP_REASON_NO_SUCH_PATCH, name);
		return;
	}
	fix = world->fixes[plan->patch];
	plan->leaving[plan->n_leaving++] = fix->serial;
	if (fix->truth.forced)
		refuse(plan, LP_REASON_FORCED, fix->truth.name);
	required_by_staying(world, plan, fix);
	states_leave(world, plan, fix);
	if (plan->n_refusals)
		plan->error = -ECANCELED;
}

/* One that comes back, and those that were not part of what is undone. */
static void undo_to(struct world *world, struct plan *plan, struct fix *fix)
{
	unsigned int i;

	if (fix->truth.forced)
		refuse(plan, LP_REASON_FORCED, fix->truth.name);
	for (i = 0; i < world->oracle.n_live; i++) {
		struct fix *other = world->fixes[world->oracle.live[i]];

		if (!is_enabled(world, i) || other->serial == plan->patch)
			continue;
		if (other->truth.provides == fix->truth.provides)
			refuse(plan, LP_REASON_CONFLICT_SCOPE, other->truth.name);
		conflicts(world, plan, fix, other);
		if (strcmp(fix->truth.name, other->truth.name) == 0)
			refuse(plan, LP_REASON_ALREADY_ENABLED, other->truth.name);
	}
	required_by_coming(world, plan, fix);
}

void plan_undo(struct world *world, struct plan *plan)
{
	struct oracle *oracle = &world->oracle;
	struct fix *fix;
	unsigned int i;

	plan_init(world, plan, 0);
	plan->disabling = plan->undoing = true;
	if (plan->error)
		return;
	if (!oracle->n_undo) {
		plan->error = -ECANCELED;
		refuse(plan, LP_REASON_NOTHING_TO_UNDO, NULL);
		return;
	}
	plan->patch = oracle->undo[oracle->n_undo - 1];
	fix = world->fixes[plan->patch];
	plan->leaving[plan->n_leaving++] = fix->serial;
	for (i = 0; i < oracle->n_live; i++) {
		const struct fix_truth *truth = truth_of(world, oracle->live[i]);

		if (truth->kept && truth->by == plan->patch)
			plan->coming[plan->n_coming++] = oracle->live[i];
	}
	if (fix->truth.forced)
		refuse(plan, LP_REASON_FORCED, fix->truth.name);
	states_leave(world, plan, fix);
	required_by_staying(world, plan, fix);
	for (i = 0; i < plan->n_coming; i++)
		undo_to(world, plan, world->fixes[plan->coming[i]]);
	if (plan->n_refusals)
		plan->error = -ECANCELED;
}

bool plan_blocks_reverse(const struct world *world, const struct plan *plan)
{
	unsigned int i, j;

	for (i = 0; i < plan->n_coming; i++) {
		const struct fix_truth *truth = truth_of(world, plan->coming[i]);

		for (j = 0; j < truth->n_states; j++) {
			if (truth->states[j].block_disable &&
			    !plan_with_state(world, plan->leaving, plan->n_leaving,
					     truth->states[j].id))
				return true;
		}
	}
	return false;
}

static bool same(const struct refusal *ours, const struct lp_refusal *theirs)
{
	return ours->reason == theirs->reason &&
	       strcmp(ours->patch, theirs->patch ? theirs->patch : "") == 0 &&
	       strcmp(ours->function, theirs->function ? theirs->function : "") == 0 &&
	       ours->state == theirs->state;
}

static unsigned int count(const struct plan *plan, const struct lp_refusal *refusal)
{
	unsigned int i, times = 0;

	for (i = 0; i < plan->n_refusals; i++)
		times += same(&plan->refusals[i], refusal);
	return times;
}

void plan_compare(struct world *world, const struct plan *plan, const struct lp_report *report)
{
	unsigned int i, stored;

	if (report->total != plan->n_refusals)
		world_violation(world, "rules",
				"%u reasons are reported, %u are right; first %s, %s",
				report->total, plan->n_refusals,
				report->total && report->capacity ?
					lp_reason_word(report->refusals[0].reason) :
					"-",
				lp_reason_word(plan->n_refusals ? plan->refusals[0].reason : 0));
	stored = report->total < report->capacity ? report->total : report->capacity;
	for (i = 0; i < stored; i++) {
		const struct lp_refusal *refusal = &report->refusals[i];

		if (!count(plan, refusal))
			world_violation(world, "rules", "a wrong reason is reported: %s %s %s %llu",
					lp_reason_word(refusal->reason),
					refusal->patch ? refusal->patch : "-",
					refusal->function ? refusal->function : "-",
					(unsigned long long)refusal->state);
	}
}
