/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's operations on tasks: the list, and the look at one of them. */
#include "checker.h"

#include "planted.h"
#include "world.h"

void host_task_born(struct world *world, unsigned int slot)
{
	struct host *host = &world->host;

	if (host->listing && !SIM_BUG_LIST_WITHOUT_THE_YOUNG)
		host->list[host->n_list++] = slot;
}

int host_tasks_begin(void *data)
{
	struct world *world = data;
	struct host *host = &world->host;
	unsigned int i, first;

	task_stir(world);
	host->listing = host->closing = false;
	if (world_fails(world))
		return -ENOMEM;
	host->n_list = host->at = host->busy = 0;
	/* in no particular order */
	first = prng_below(&world->luck, world->limit);
	for (i = 0; i < world->limit; i++) {
		unsigned int slot = (first + i) % world->limit;

		if (world->tasks[slot].alive)
			host->list[host->n_list++] = slot;
	}
	host->listing = true;
	return (int)host->n_list;
}

int64_t host_task_next(void *data)
{
	struct world *world = data;
	struct host *host = &world->host;

	task_stir(world);
	if (host->listing && host->at < host->n_list)
		return host->list[host->at++] + 1;
	host->closing = host->listing && !host->busy;
	host->listing = false;
	return 0;
}

static enum lp_switch busy(struct world *world, struct lp_verdict *verdict, enum lp_blocking why)
{
	world->host.busy++;
	verdict->blocking = why;
	return LP_BUSY;
}

static enum lp_switch look(struct world *world, unsigned int slot, struct lp_verdict *verdict)
{
	struct task *task = &world->tasks[slot];
	int dirty;

	if (!task->asleep) {
		task->marked = true;
		return busy(world, verdict, LP_BLOCKING_RUNNING);
	}
	dirty = entry_first_dirty(world, slot);
	if (dirty >= 0) {
		verdict->offset = (uint64_t)dirty;
		return busy(world, verdict, LP_BLOCKING_ON_STACK);
	}
	oracle_switched(world, slot);
	entry_switch(world, slot);
	return LP_SWITCHED;
}

enum lp_switch host_task_try_switch(void *data, struct lp_transition *tr, int64_t tid,
				    struct lp_verdict *verdict)
{
	struct world *world = data;
	unsigned int slot = (unsigned int)tid - 1;

	(void)tr;
	if (!world->host.switching)
		world_violation(world, "I4", "a task is tried outside of a transition");
	world->host.now_ns += 1000 + prng_below(&world->luck, world->try_cost_ns);
	task_stir(world);
	if (!world->tasks[slot].alive)
		return LP_GONE;
	if (world_unlucky(world, 50))
		return busy(world, verdict, LP_BLOCKING_UNREADABLE);
	if (entry_is_at_target(world, slot))
		return LP_SWITCHED;
	return look(world, slot, verdict);
}

int host_task_force(void *data, struct lp_transition *tr, int64_t tid)
{
	struct world *world = data;
	unsigned int slot = (unsigned int)tid - 1;

	(void)tr;
	world->host.now_ns += 1000 + prng_below(&world->luck, world->try_cost_ns);
	task_stir(world);
	if (!world->tasks[slot].alive)
		return -ESRCH;
	oracle_forced(world, slot);
	entry_switch(world, slot);
	return 0;
}

void host_task_nudge(void *data, int64_t tid)
{
	struct world *world = data;
	struct task *task = &world->tasks[tid - 1];

	task->nudged = task->alive;
}
