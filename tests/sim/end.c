/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The end of a run: nothing goes wrong any more, all tasks come out of everything they are in, and
 * then the core has to end what it has begun, and to give back all it took.
 */
#include "calls.h"
#include "request.h"
#include "world.h"

#define MANY_PASSES 1000

static void unwind(struct world *world)
{
	unsigned int slot;

	for (slot = 0; slot < MAX_TASKS; slot++) {
		struct task *task = &world->tasks[slot];

		task->daemon = false;
		while (task->alive && task->depth)
			task_return(world, slot);
		if (task->alive)
			task_sleep(world, slot);
	}
}

static void passes(struct world *world)
{
	unsigned int i;

	for (i = 0; i < MANY_PASSES && world->oracle.active; i++)
		request_pass(world, 2000000);
	if (world->oracle.active)
		world_violation(world, "liveness",
				"a transition does not end, with all tasks idle");
}

static void disable_all(struct world *world)
{
	unsigned int i, round;

	for (round = 0; round < N_NAMES; round++) {
		for (i = 0; i < N_NAMES; i++) {
			request_disable(world, 0, i);
			passes(world);
		}
	}
}

static void check_empty(struct world *world)
{
	unsigned int i;

	if (!lp_list_empty(&world->core.patches))
		return; /* forced, or with a state that forbids it */
	if (world->host.allocated)
		world_violation(world, "I9", "%ld pieces of memory are never given back",
				world->host.allocated);
	for (i = 0; i < world->program.n_functions; i++) {
		if (world->entries[i].redirected || world->entries[i].site)
			world_violation(world, "I9", "function %u is not as it was at first", i);
	}
}

void world_end(struct world *world)
{
	world->luck_on = false;
	world->fail_at = 0;
	unwind(world);
	passes(world);
	disable_all(world);
	request_forget(world);
	check_empty(world);
	world_tell(world, "end");
}
