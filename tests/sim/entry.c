/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry.h"

#include "planted.h"
#include "world.h"

/* What the task is in the transition in progress. */
static bool is_patched(const struct world *world, const struct task *task)
{
	return task->word_epoch == world->host.epoch && task->word_patched;
}

bool entry_is_at_target(const struct world *world, unsigned int slot)
{
	return is_patched(world, &world->tasks[slot]) == world->host.to_patched;
}

static bool is_left(const struct entry *entry, const struct frame *frame, bool patched)
{
	if (entry->held && (!frame->version || frame->version == entry->held_version))
		return true;
	return entry->joined && frame->version == (patched ? entry->next : entry->current);
}

int entry_first_dirty(const struct world *world, unsigned int slot)
{
	const struct task *task = &world->tasks[slot];
	bool patched = is_patched(world, task);
	int i;

	for (i = task->depth - 1; i >= 0; i--) {
		const struct frame *frame = &task->stack[i];

		if (is_left(&world->entries[frame->function], frame, patched))
			return frame->function;
		if (SIM_BUG_LAST_FRAME_ONLY)
			break;
	}
	return -1;
}

void entry_switch(struct world *world, unsigned int slot)
{
	struct task *task = &world->tasks[slot];

	task->word_epoch = world->host.epoch;
	task->word_patched = world->host.to_patched;
	task->marked = false;
}

/*
 * It cannot always be sure of its stack, and stays what it is then. Not so when all that is left
 * is tasks born after every other one was seen at the target.
 */
void entry_look_at_self(struct world *world, unsigned int slot)
{
	struct task *task = &world->tasks[slot];
	bool unsure = world_unlucky(world, 8) && !world->host.closing;
	bool patched = is_patched(world, task);

	if (!world->host.switching)
		return;
	if (entry_is_at_target(world, slot) || (!unsure && entry_first_dirty(world, slot) < 0)) {
		if (!entry_is_at_target(world, slot))
			oracle_switched(world, slot);
		entry_switch(world, slot);
		return;
	}
	task->word_epoch = world->host.epoch;
	task->word_patched = patched;
	task->marked = false;
}

uint32_t entry_resolve(struct world *world, unsigned int slot, unsigned int function)
{
	const struct entry *entry = &world->entries[function];
	struct task *task = &world->tasks[slot];

	if (!entry->redirected)
		return 0;
	if (!entry->asks)
		return entry->settled;
	if (!world->host.switching)
		return SIM_BUG_GAP_IN_REDIRECT ? 0 : entry->current;
	if (SIM_BUG_ONE_STUB_LEFT_BEHIND && function == 0)
		return entry->current;
	if (SIM_BUG_DECIDES_WITH_EACH_CALL && world_unlucky(world, 4) &&
	    entry_first_dirty(world, slot) < 0)
		task->word_patched = !task->word_patched;
	if (task->marked || task->word_epoch != world->host.epoch)
		entry_look_at_self(world, slot);
	return task->word_patched ? entry->next : entry->current;
}
