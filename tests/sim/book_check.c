/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The core, compared with the books: patches, flags, sites, memory. */
#include "oracle.h"
#include "world.h"

static void wrong(struct world *world, uint32_t serial, const char *what)
{
	world_violation(world, "I9", "patch #%u: %s is not what it should be", serial, what);
}

static void check_flags(struct world *world, const struct fix *fix)
{
	const struct fix_truth *truth = &fix->truth;
	const struct lp_patch *patch = &fix->patch;

	if (patch->enabled != (truth->enabled || truth->coming))
		wrong(world, fix->serial, "enabled");
	if (patch->in_transition != (truth->coming || truth->leaving))
		wrong(world, fix->serial, "in_transition");
	if (patch->leaving != truth->leaving)
		wrong(world, fix->serial, "leaving");
	if (patch->coming != truth->coming)
		wrong(world, fix->serial, "coming");
	if (patch->forced != truth->forced)
		wrong(world, fix->serial, "forced");
	if (patch->replaceable != truth->replaceable)
		wrong(world, fix->serial, "replaceable");
	if (patch->pinned != truth->pinned)
		world_violation(world, "I7", "patch #%u: pinned is not what it should be",
				fix->serial);
	if (lp_patch_is_complete(&world->core, patch) != (truth->enabled && !truth->leaving))
		world_violation(world, "I4", "patch #%u: is it complete?", fix->serial);
	if (!truth->coming && (patch->kept != truth->kept || truth->keep_told != truth->kept))
		wrong(world, fix->serial, "kept");
}

static void check_objects(struct world *world, const struct fix *fix)
{
	unsigned int i;

	for (i = 0; i < fix->patch.n_objects; i++) {
		unsigned int object = (unsigned int)(uintptr_t)fix->objects[i].host;

		if (fix->objects[i].present != world->program.objects[object].present)
			wrong(world, fix->serial, "the presence of an object");
	}
}

/* Live ones stay so; those that nothing needs must have been released in this step. */
static unsigned int check_live(struct world *world)
{
	struct oracle *oracle = &world->oracle;
	unsigned int i, to = 0, listed = 0;

	for (i = 0; i < oracle->n_live; i++) {
		struct fix *fix = world->fixes[oracle->live[i]];
		const struct fix_truth *truth = &fix->truth;

		if (!truth->enabled && !truth->kept && !truth->coming) {
			if (!truth->released)
				world_violation(world, "I9", "patch #%u was not released",
						fix->serial);
			continue;
		}
		oracle->live[to++] = fix->serial;
		if (world->run->config.blind)
			continue;
		check_flags(world, fix);
		check_objects(world, fix);
		listed += truth->enabled || truth->coming;
	}
	oracle->n_live = to;
	return listed;
}

static void check_list(struct world *world, unsigned int listed)
{
	struct lp_patch *patch;

	lp_list_for_each(patch, &world->core.patches, link) {
		if (!patch->enabled)
			world_violation(world, "I9", "a patch is listed that is not enabled");
		listed--;
	}
	if (listed)
		world_violation(world, "I9", "not all enabled patches are listed");
}

static bool is_same_function(const struct fix_truth *a, const struct fix_truth *b)
{
	unsigned int i, j;

	for (i = 0; i < a->n_functions; i++) {
		for (j = 0; j < b->n_functions; j++) {
			if (a->functions[i] == b->functions[j])
				return true;
		}
	}
	return false;
}

/* By what the core says is enabled, not by the books. */
static void check_scopes(struct world *world)
{
	struct lp_patch *a, *b;

	lp_list_for_each(a, &world->core.patches, link) {
		lp_list_for_each(b, &world->core.patches, link) {
			if (a == b || a->leaving || b->leaving)
				continue;
			if (a->provides == b->provides)
				world_violation(world, "I9", "two patches of scope %llu",
						(unsigned long long)a->provides);
			if (is_same_function(&fix_of(a)->truth, &fix_of(b)->truth))
				world_violation(world, "I9", "two patches of one function");
		}
	}
}

static void check_undo(struct world *world)
{
	const struct oracle *oracle = &world->oracle;
	struct lp_patch *patch, *kept;
	unsigned int i = 0;

	lp_list_for_each(patch, &world->core.undo, undo_link) {
		if (i >= oracle->n_undo || fix_of(patch)->serial != oracle->undo[i])
			wrong(world, fix_of(patch)->serial, "its place in undo");
		i++;
		if (oracle->active)
			continue;
		lp_list_for_each(kept, &patch->replaced, link) {
			if (!fix_of(kept)->truth.kept ||
			    fix_of(kept)->truth.by != fix_of(patch)->serial)
				wrong(world, fix_of(kept)->serial, "what it comes back for");
		}
	}
	if (!oracle->active && i != oracle->n_undo)
		world_violation(world, "I9", "%u replaces can be undone, not %u", i,
				oracle->n_undo);
}

static void check_site(struct world *world, unsigned int i)
{
	const struct expected *f = &world->oracle.functions[i];
	const struct entry *entry = &world->entries[i];
	bool present = program_is_present(&world->program, i);
	bool wanted = present && (f->in || f->settled);
	uint32_t current, next;

	if ((entry->site != NULL) != wanted)
		world_violation(world, "I9", "function %u: its site is %s", i,
				wanted ? "missing" : "left behind");
	if (!wanted)
		return;
	current = fix_serial(entry->site->current);
	next = fix_serial(entry->site->next);
	if (current != (f->in ? f->before : f->settled) || next != (f->in ? f->after : f->settled))
		world_violation(world, "I5", "function %u goes from #%u to #%u, not #%u to #%u", i,
				current, next, f->in ? f->before : f->settled,
				f->in ? f->after : f->settled);
	if (entry->joined != f->in)
		world_violation(world, "I9", "function %u: is it in the transition?", i);
}

static void check_transition(struct world *world)
{
	const struct lp_transition *tr = &world->core.transition;
	const struct oracle *oracle = &world->oracle;
	const struct plan *plan = &oracle->plan;

	if ((tr->phase != LP_PHASE_IDLE) != oracle->active)
		world_violation(world, "I4", "is there a transition? phase %d", (int)tr->phase);
	if (!oracle->active)
		return;
	if ((tr->phase == LP_PHASE_SWITCH) != oracle->redirected ||
	    (tr->target == LP_PATCHED) != oracle->forward || tr->reversed != oracle->reversed)
		world_violation(world, "I2", "phase %d, target %d: not what the host was told",
				(int)tr->phase, (int)tr->target);
	if (fix_of(tr->patch)->serial != plan->patch || tr->disabling != plan->disabling ||
	    tr->undoing != plan->undoing)
		world_violation(world, "I9", "the transition is not the one asked for");
}

static void check_memory(struct world *world)
{
	struct lp_blocker *blocker;
	struct lp_site *site;
	long wanted = 0;

	lp_list_for_each(site, &world->core.sites, link)
		wanted++;
	lp_list_for_each(blocker, &world->core.transition.blockers, link)
		wanted++;
	if (wanted != world->host.allocated)
		world_violation(world, "I9", "%ld pieces of memory are out, %ld are known",
				world->host.allocated, wanted);
}

void book_check(struct world *world)
{
	unsigned int i, listed = check_live(world);

	if (world->run->config.blind)
		return;
	check_transition(world);
	check_list(world, listed);
	check_scopes(world);
	check_undo(world);
	for (i = 0; i < world->program.n_functions; i++)
		check_site(world, i);
	check_memory(world);
}
