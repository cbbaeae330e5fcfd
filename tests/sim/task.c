/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "task.h"

#include <string.h>

#include "planted.h"
#include "world.h"

static struct task *task_at(struct world *world, unsigned int slot)
{
	struct task *task;

	if (slot >= MAX_TASKS)
		return NULL;
	task = &world->tasks[slot];
	return task->alive ? task : NULL;
}

/* The nudge: a signal handler of the host's, which looks at the task's own stack. */
static void task_wake(struct world *world, unsigned int slot)
{
	struct task *task = &world->tasks[slot];

	task->asleep = false;
	if (!task->nudged)
		return;
	task->nudged = false;
	entry_look_at_self(world, slot);
}

static void frame_push(struct world *world, unsigned int slot, unsigned int function, bool signal)
{
	struct task *task = &world->tasks[slot];
	struct frame frame = { .function = (uint8_t)function, .signal = signal };

	frame.version = entry_resolve(world, slot, function);
	oracle_enter(world, slot, function, frame.version);
	task->stack[task->depth++] = frame;
}

void task_call(struct world *world, unsigned int slot, unsigned int function, bool signal)
{
	struct task *task = task_at(world, slot);

	if (!task || task->depth >= MAX_FRAMES || function >= world->program.n_functions ||
	    !program_is_callable(&world->program, function))
		return;
	task_wake(world, slot);
	frame_push(world, slot, function, signal);
}

void task_return(struct world *world, unsigned int slot)
{
	struct task *task = task_at(world, slot);

	if (!task || !task->depth || (task->daemon && task->depth == 1))
		return;
	task_wake(world, slot);
	task->depth--;
	oracle_popped(world, slot);
}

void task_sleep(struct world *world, unsigned int slot)
{
	struct task *task = task_at(world, slot);

	if (!task)
		return;
	task_wake(world, slot);
	task->asleep = true;
}

void task_exit(struct world *world, unsigned int slot)
{
	struct task *task = task_at(world, slot);

	if (!task || world->n_alive <= 1)
		return;
	task->alive = false;
	world->n_alive--;
	oracle_exited(world, slot);
}

/* The lowest free number, so that numbers are soon used again: thread ids may be, too. */
static int slot_free(const struct world *world)
{
	unsigned int i;

	if (world->host.listing && world->host.n_list == MAX_LIST)
		return -1;
	for (i = 0; i < world->limit; i++) {
		if (!world->tasks[i].alive)
			return (int)i;
	}
	return -1;
}

static void task_add(struct world *world, unsigned int parent, unsigned int slot, bool inherits)
{
	world->tasks[slot].alive = true;
	world->n_alive++;
	host_task_born(world, slot);
	oracle_born(world, parent, slot, inherits);
}

void task_fork(struct world *world, unsigned int slot)
{
	struct task *task = task_at(world, slot);
	int child = slot_free(world);

	if (!task || child < 0 || task->daemon)
		return;
	task_wake(world, slot);
	world->tasks[child] = *task;
	if (SIM_BUG_FORK_DECIDES_AGAIN)
		world->tasks[child].word_epoch = 0;
	if (SIM_BUG_FORK_GETS_THE_NEW_STATE && world->host.switching)
		entry_switch(world, (unsigned int)child);
	task_add(world, slot, (unsigned int)child, true);
}

/*
 * A thread begins with nothing on its stack. Its state is its creator's, or it was not asked yet:
 * both are right, and one world does one of them.
 */
void task_birth(struct world *world, unsigned int slot, bool daemon)
{
	struct task *task = task_at(world, slot);
	int child = slot_free(world);

	if (!task || child < 0)
		return;
	memset(&world->tasks[child], 0, sizeof(world->tasks[child]));
	if (world->birth_inherits) {
		world->tasks[child].word_epoch = task->word_epoch;
		world->tasks[child].word_patched = task->word_patched;
		world->tasks[child].marked = task->marked;
	}
	task_add(world, slot, (unsigned int)child, world->birth_inherits);
	if (!daemon)
		return;
	task_call(world, (unsigned int)child, world->daemon_function, false);
	world->tasks[child].daemon = world->tasks[child].depth == 1;
}

static void step_of(struct world *world, unsigned int slot, struct prng *luck)
{
	unsigned int function = prng_below(luck, world->program.n_functions);

	switch (prng_below(luck, 16)) {
	case 0 ... 5:
		task_call(world, slot, function, prng_once_in(luck, 8));
		break;
	case 6 ... 11:
		task_return(world, slot);
		break;
	case 12:
		task_fork(world, slot);
		break;
	case 13:
		task_birth(world, slot, false);
		break;
	case 14:
		task_exit(world, slot);
		break;
	default:
		task_sleep(world, slot);
		break;
	}
}

void task_stir(struct world *world)
{
	unsigned int i, times;

	if (!world->luck_on || !prng_once_in(&world->luck, world->stir_every))
		return;
	times = 1 + prng_below(&world->luck, 3);
	for (i = 0; i < times; i++)
		step_of(world, prng_below(&world->luck, world->limit), &world->luck);
	world->run->stirred += times;
}
