/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Entries and switches: I1 to I6, and the half of I7 that tasks can see. */
#include "oracle.h"

#include "calls.h"
#include "world.h"

static const char *number(const struct watch *watch, const char *invariant)
{
	return watch->young ? "I6" : invariant;
}

/* A frame of what a task in this state would leave? Returns the function, or -1. */
static int dirty(const struct world *world, unsigned int slot, bool patched)
{
	const struct task *task = &world->tasks[slot];
	unsigned int i;

	for (i = 0; i < task->depth; i++) {
		const struct frame *frame = &task->stack[i];
		const struct expected *f = &world->oracle.functions[frame->function];

		if (f->in && frame->version == (patched ? f->after : f->before))
			return frame->function;
		if (f->held && (!frame->version || frame->version == f->held_version))
			return frame->function;
	}
	return -1;
}

static void enter_settled(struct world *world, unsigned int slot, unsigned int function,
			  uint32_t version)
{
	const struct expected *f = &world->oracle.functions[function];
	bool lost = !version && f->settled;

	if (version != f->settled)
		world_violation(world, lost && world->oracle.active ? "I5" : "I4",
				"task %u entered version %u of function %u, which is settled at %u",
				slot, version, function, f->settled);
}

/* The entry shows what the task is. */
static void enter_moving(struct world *world, unsigned int slot, bool patched)
{
	struct watch *watch = &world->oracle.watch[slot];

	watch->clean = watch->clean || dirty(world, slot, watch->shown) < 0;
	if (watch->known && patched != watch->shown && !watch->clean)
		world_violation(world, number(watch, "I1"),
				"task %u mixes versions: it entered the %s one in the other one",
				slot, patched ? "new" : "old");
	if (patched != watch->patched)
		world_violation(world, number(watch, "I2"),
				"task %u entered the %s version, and was not switched to it", slot,
				patched ? "new" : "old");
	watch->known = true;
	watch->shown = patched;
	watch->clean = false;
}

void oracle_enter(struct world *world, unsigned int slot, unsigned int function, uint32_t version)
{
	const struct expected *f = &world->oracle.functions[function];

	if (version && (!world->fixes[version] || world->fixes[version]->truth.unmapped))
		world_violation(world, "I7", "task %u entered unmapped code of patch #%u", slot,
				version);
	if (!f->in) {
		enter_settled(world, slot, function, version);
		return;
	}
	if (version != f->before && version != f->after)
		world_violation(world, !version ? "I5" : "I1",
				"task %u entered version %u of function %u; it has %u and %u", slot,
				version, function, f->before, f->after);
	if (version == f->after && !world->oracle.redirected)
		world_violation(world, version ? "I2" : "I5",
				"task %u entered version %u of function %u before all entries ask",
				slot, version, function);
	enter_moving(world, slot, version == f->after);
}

void oracle_popped(struct world *world, unsigned int slot)
{
	struct watch *watch = &world->oracle.watch[slot];

	if (world->oracle.active && !watch->clean)
		watch->clean = dirty(world, slot, watch->shown) < 0;
}

void oracle_born(struct world *world, unsigned int parent, unsigned int slot, bool inherits)
{
	struct watch *watch = &world->oracle.watch[slot];

	*watch = world->oracle.watch[parent];
	watch->young = world->oracle.active;
	if (world->tasks[slot].depth)
		return;
	watch->known = false;
	watch->clean = true;
	if (!inherits) {
		watch->patched = false;
		watch->switches = 0;
	}
}

void oracle_exited(struct world *world, unsigned int slot)
{
	memset(&world->oracle.watch[slot], 0, sizeof(world->oracle.watch[slot]));
}

void oracle_switched(struct world *world, unsigned int slot)
{
	struct oracle *oracle = &world->oracle;
	struct watch *watch = &oracle->watch[slot];
	int function = dirty(world, slot, watch->patched);

	if (!oracle->active || !oracle->redirected)
		world_violation(world, "I2", "task %u is switched before all entries ask", slot);
	if (watch->patched == oracle->forward || watch->switches)
		world_violation(world, number(watch, "I2"),
				"task %u changes its version again on the way to one target", slot);
	if (function >= 0)
		world_violation(world, "I3", "task %u is switched with function %d on its stack",
				slot, function);
	watch->patched = oracle->forward;
	watch->switches++;
}

/* Force voids I1 to I3 for the tasks that it moves. */
void oracle_forced(struct world *world, unsigned int slot)
{
	struct watch *watch = &world->oracle.watch[slot];

	if (!world->oracle.forcing)
		world_violation(world, "I3", "task %u is set by force, and nobody said so", slot);
	watch->patched = watch->shown = world->oracle.forward;
	watch->clean = true;
}

static void functions_begin(struct world *world)
{
	struct oracle *oracle = &world->oracle;
	const struct plan *plan = &oracle->plan;
	unsigned int i, j;

	for (i = 0; i < world->program.n_functions; i++)
		oracle->functions[i].after = oracle->functions[i].before =
			oracle->functions[i].settled;
	for (i = 0; i < plan->n_leaving; i++) {
		const struct fix_truth *truth = &world->fixes[plan->leaving[i]]->truth;

		for (j = 0; j < truth->n_functions; j++)
			oracle->functions[truth->functions[j]].after = 0;
	}
	for (i = 0; i < plan->n_coming; i++) {
		const struct fix_truth *truth = &world->fixes[plan->coming[i]]->truth;

		for (j = 0; j < truth->n_functions; j++)
			oracle->functions[truth->functions[j]].after = plan->coming[i];
	}
	for (i = 0; i < world->program.n_functions; i++)
		oracle->functions[i].in = oracle->functions[i].before != oracle->functions[i].after;
}

static void holds_begin(struct world *world, const uint32_t *list, unsigned int n)
{
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		const struct fix_truth *truth = &world->fixes[list[i]]->truth;

		for (j = 0; j < truth->n_holds; j++) {
			struct expected *f = &world->oracle.functions[truth->holds[j]];

			f->held = true;
			f->held_version = f->in ? 0 : f->settled;
		}
	}
}

void oracle_begin(struct world *world)
{
	struct oracle *oracle = &world->oracle;
	unsigned int slot;

	if (oracle->active)
		world_violation(world, "I9", "a second transition was started");
	oracle->active = true;
	oracle->redirected = oracle->forcing = oracle->reversed = false;
	oracle->forward = true;
	world->run->started++;
	functions_begin(world);
	holds_begin(world, oracle->plan.coming, oracle->plan.n_coming);
	holds_begin(world, oracle->plan.leaving, oracle->plan.n_leaving);
	for (slot = 0; slot < MAX_TASKS; slot++) {
		oracle->watch[slot] = (struct watch){ .known = true };
		oracle->watch[slot].clean = dirty(world, slot, false) < 0;
	}
	book_begin(world);
}

void oracle_redirected(struct world *world)
{
	if (!world->oracle.active)
		world_violation(world, "I9", "redirected without a transition");
	world->oracle.redirected = true;
}

void oracle_target(struct world *world, bool forward)
{
	struct oracle *oracle = &world->oracle;
	unsigned int slot;

	if (!oracle->active || oracle->forward == forward)
		world_violation(world, "I2", "the target is set to what it is");
	oracle->forward = forward;
	oracle->reversed = !oracle->reversed;
	oracle->forcing = false; /* a force that is not through is over */
	for (slot = 0; slot < MAX_TASKS; slot++)
		oracle->watch[slot].switches = 0;
}

static void task_settled(struct world *world, unsigned int slot)
{
	const struct watch *watch = &world->oracle.watch[slot];
	int function = dirty(world, slot, !world->oracle.forward);

	if (watch->patched == world->oracle.forward)
		return;
	if (function >= 0)
		world_violation(world, "I4",
				"complete while task %u is in function %d of the version left",
				slot, function);
	if (!watch->young)
		world_violation(world, "I4", "complete, but task %u was not switched", slot);
}

static void functions_end(struct world *world, bool forward)
{
	unsigned int i;

	for (i = 0; i < world->program.n_functions; i++) {
		struct expected *f = &world->oracle.functions[i];

		if (f->in)
			f->settled = forward ? f->after : f->before;
		f->in = f->held = false;
		f->held_version = 0;
	}
}

void oracle_settled(struct world *world)
{
	struct oracle *oracle = &world->oracle;
	unsigned int slot;

	if (!oracle->active || !oracle->redirected)
		world_violation(world, "I4", "complete before it has begun");
	for (slot = 0; slot < MAX_TASKS && !oracle->forcing; slot++) {
		if (world->tasks[slot].alive)
			task_settled(world, slot);
	}
	functions_end(world, oracle->forward);
	oracle->active = false;
	world->run->completed++;
	world->run->back += !oracle->forward;
	world->run->forced += oracle->forcing;
	book_end(world, true, oracle->forward);
}

void oracle_abandoned(struct world *world)
{
	struct oracle *oracle = &world->oracle;

	/* a start that fails after prepare() is undone in the same way */
	if (!oracle->active) {
		if (!oracle->starting)
			world_violation(world, "I9", "abandoned without a transition");
		return;
	}
	world->run->abandoned++;
	functions_end(world, false);
	oracle->active = false;
	oracle->forward = false;
	book_end(world, false, false);
}
