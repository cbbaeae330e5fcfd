/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "deadline.h"

#include "world.h"

void deadline_begin(struct world *world, const struct lp_deadline *deadline, uint64_t now_ns)
{
	struct due *due = &world->oracle.due;

	*due = (struct due){ 0 };
	if (!deadline || !deadline->timeout_ns)
		return;
	due->policy = deadline->policy;
	due->at_ns = now_ns + deadline->timeout_ns;
	if (due->at_ns < now_ns)
		due->at_ns = UINT64_MAX;
}

void deadline_told(struct world *world)
{
	struct due *due = &world->oracle.due;

	if (due->told || !due->at_ns || world->host.now_ns < due->at_ns)
		world_violation(world, "deadline",
				"a timeout is told that is none, or told already");
	due->told = true;
	due->owed = !world->oracle.reversed && due->policy != LP_TIMEOUT_LEAVE;
}

/* Could the policy be followed in this pass? */
static bool is_possible(const struct world *world)
{
	const struct oracle *oracle = &world->oracle;

	if (world->failed)
		return false;
	if (oracle->due.policy == LP_TIMEOUT_REVERSE)
		return !plan_blocks_reverse(world, &oracle->plan);
	return oracle->redirected;
}

static void check_owed(struct world *world)
{
	struct oracle *oracle = &world->oracle;

	if (oracle->reversed || oracle->forcing)
		oracle->due.owed = false;
	if (oracle->due.owed && is_possible(world))
		world_violation(world, "deadline", "the policy of the deadline is not followed");
}

void deadline_check(struct world *world, uint64_t started_ns, bool was_active, bool was_forward)
{
	struct oracle *oracle = &world->oracle;
	struct due *due = &oracle->due;

	if (!was_active || !oracle->active)
		return;
	if (due->at_ns && started_ns >= due->at_ns && !due->told)
		world_violation(world, "deadline", "the deadline has passed and is not told");
	if (was_forward != oracle->forward && !(due->told && due->policy == LP_TIMEOUT_REVERSE))
		world_violation(world, "deadline", "a pass turns the transition around");
	check_owed(world);
}
