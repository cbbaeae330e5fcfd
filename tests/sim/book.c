/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of patches: which are enabled, kept, released (I7, I9). */
#include "calls.h"
#include "deadline.h"
#include "oracle.h"
#include "world.h"

static struct fix_truth *truth_at(struct world *world, unsigned int i)
{
	return &world->fixes[world->oracle.live[i]]->truth;
}

static struct fix_truth *truth_of(struct world *world, uint32_t serial)
{
	return &world->fixes[serial]->truth;
}

void book_begin(struct world *world)
{
	struct oracle *oracle = &world->oracle;
	const struct plan *plan = &oracle->plan;
	unsigned int i;

	for (i = 0; i < plan->n_coming; i++)
		truth_of(world, plan->coming[i])->coming = true;
	for (i = 0; i < plan->n_leaving; i++)
		truth_of(world, plan->leaving[i])->leaving = true;
	if (plan->disabling)
		return;
	if (oracle->n_live == MAX_LIVE)
		world_violation(world, "I9", "more patches than scopes and undo allow");
	oracle->live[oracle->n_live++] = plan->patch;
}

/* Undo */

static bool keeps_any(struct world *world, uint32_t serial)
{
	unsigned int i;

	for (i = 0; i < world->oracle.n_live; i++) {
		if (truth_at(world, i)->kept && truth_at(world, i)->by == serial)
			return true;
	}
	return false;
}

static void undo_remove(struct oracle *oracle, uint32_t serial)
{
	unsigned int i, to = 0;

	for (i = 0; i < oracle->n_undo; i++) {
		if (oracle->undo[i] != serial)
			oracle->undo[to++] = oracle->undo[i];
	}
	oracle->n_undo = to;
}

void book_forget(struct world *world, uint32_t serial)
{
	unsigned int i;

	undo_remove(&world->oracle, serial);
	for (i = 0; i < world->oracle.n_live; i++) {
		struct fix_truth *truth = truth_at(world, i);

		if (!truth->kept || truth->by != serial)
			continue;
		truth->kept = false;
		events_expect_forget(world, world->oracle.live[i]);
		book_forget(world, world->oracle.live[i]);
	}
}

void book_forget_all(struct world *world)
{
	while (world->oracle.n_undo)
		book_forget(world, world->oracle.undo[0]);
}

void book_trim(struct world *world)
{
	while (world->oracle.n_undo > world->oracle.undo_depth)
		book_forget(world, world->oracle.undo[0]);
}

/* The end of a transition */

static void mark(struct fix_truth *truth, bool pin)
{
	truth->forced = true;
	truth->pinned = truth->pinned || pin;
}

/* docs/design/core.md, "Force" */
static void marks(struct world *world, bool forward)
{
	const struct plan *plan = &world->oracle.plan;
	unsigned int i;

	for (i = 0; i < plan->n_leaving; i++) {
		if (forward)
			mark(truth_of(world, plan->leaving[i]), true);
	}
	for (i = 0; i < plan->n_coming; i++)
		mark(truth_of(world, plan->coming[i]), !forward);
	if (!forward && plan->disabling && !plan->undoing)
		mark(truth_of(world, plan->patch), false);
}

static void leaving_end(struct world *world, uint32_t serial, bool forward)
{
	struct oracle *oracle = &world->oracle;
	struct fix_truth *truth = truth_of(world, serial);
	const struct plan *plan = &oracle->plan;

	truth->leaving = false;
	if (!forward)
		return;
	truth->enabled = false;
	if (!plan->disabling && !plan->no_undo && oracle->undo_depth) {
		truth->kept = true;
		truth->by = plan->patch;
		return;
	}
	book_forget(world, serial);
}

static void coming_end(struct world *world, uint32_t serial, bool forward)
{
	struct fix_truth *truth = truth_of(world, serial);

	truth->coming = false;
	if (forward) {
		truth->enabled = true;
		truth->kept = truth->keep_told = false;
	}
}

void book_end(struct world *world, bool completed, bool forward)
{
	struct oracle *oracle = &world->oracle;
	const struct plan *plan = &oracle->plan;
	unsigned int i;

	calls_expect_finish(world, forward);
	for (i = 0; i < plan->n_coming; i++)
		coming_end(world, plan->coming[i], forward);
	for (i = 0; i < plan->n_leaving; i++)
		leaving_end(world, plan->leaving[i], forward);
	if (forward && keeps_any(world, plan->patch) && !plan->disabling)
		oracle->undo[oracle->n_undo++] = plan->patch;
	events_expect_end(world, completed, forward);
	book_trim(world);
}

void oracle_event(struct world *world, const struct lp_event *event)
{
	events_told(world, event);
	if (event->type == LP_EVENT_FORCE) {
		world->oracle.forcing = true;
		marks(world, world->oracle.forward);
	}
	if (event->type == LP_EVENT_TIMEOUT)
		deadline_told(world);
	if (world->oracle.active &&
	    (event->type == LP_EVENT_COMPLETE || event->type == LP_EVENT_ENABLED ||
	     event->type == LP_EVENT_DISABLED))
		world_violation(world, "I4", "the event %s is told in the transition",
				lp_event_word(event->type));
}

static void check_unreachable(struct world *world, uint32_t serial)
{
	unsigned int slot, i;

	for (slot = 0; slot < MAX_TASKS; slot++) {
		const struct task *task = &world->tasks[slot];

		for (i = 0; task->alive && i < task->depth; i++) {
			if (task->stack[i].version == serial)
				world_violation(world, "I7",
						"patch #%u is released, and task %u is in its code",
						serial, slot);
		}
	}
	for (i = 0; i < world->program.n_functions; i++) {
		const struct entry *entry = &world->entries[i];

		if (entry->redirected &&
		    (entry->settled == serial || (entry->asks && entry->current == serial) ||
		     (entry->asks && entry->next == serial)))
			world_violation(world, "I7",
					"patch #%u is released, and function %u leads to it",
					serial, i);
	}
}

void oracle_release(struct world *world, struct fix *fix, bool pinned)
{
	struct fix_truth *truth = &fix->truth;

	world_tell(world, "  release #%u%s", fix->serial, pinned ? " pinned" : "");
	if (truth->released)
		world_violation(world, "I7", "patch #%u is released twice", fix->serial);
	if (!plan_has(world->oracle.live, world->oracle.n_live, fix->serial) || truth->enabled ||
	    truth->kept || truth->coming || truth->leaving)
		world_violation(world, "I7", "patch #%u is released, and is still in use",
				fix->serial);
	if (fix->patch.enabled || fix->patch.in_transition || fix->patch.leaving ||
	    fix->patch.coming || fix->patch.kept)
		world_violation(world, "I7", "patch #%u is released, and says it is in use",
				fix->serial);
	truth->released = true;
	if (pinned)
		return;
	truth->unmapped = true;
	check_unreachable(world, fix->serial);
}

void oracle_keep(struct world *world, struct fix *fix)
{
	world_tell(world, "  keep #%u", fix->serial);
	if (!fix->truth.kept)
		world_violation(world, "I9", "patch #%u is kept, and should not be", fix->serial);
	fix->truth.keep_told = true;
}
