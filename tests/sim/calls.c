/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "calls.h"

#include "snapshot.h"
#include "world.h"

static struct call *call_add(struct world *world, struct call *list, unsigned int *n,
			     uint32_t serial)
{
	struct call *call;

	if (*n == MAX_CALLS)
		world_violation(world, "I8", "more callbacks than there can be");
	call = &list[(*n)++];
	memset(call, 0, sizeof(*call));
	call->serial = serial;
	world->run->called++;
	return call;
}

/* What may be asked from a callback: everything that changes something is refused. */
static void nested_requests(struct world *world)
{
	struct snapshot before, after;
	struct lp_report report = { 0 };
	int errors[6];
	unsigned int i;

	if (!world_unlucky(world, 3))
		return;
	snapshot_take(world, &before);
	lp_core_pass(&world->core);
	errors[0] = lp_core_reverse(&world->core, &report);
	errors[1] = lp_core_force(&world->core, &report);
	errors[2] = lp_core_undo(&world->core, NULL, &report);
	errors[3] = lp_core_disable(&world->core, "p0", NULL, &report);
	errors[4] = lp_core_object_coming(&world->core, "lib1", &report);
	errors[5] = lp_core_object_going(&world->core, "lib1");
	for (i = 0; i < 6; i++) {
		if (errors[i] != -EBUSY)
			world_violation(world, "I9", "request %u in a callback: %d", i, errors[i]);
	}
	snapshot_take(world, &after);
	snapshot_compare(world, &before, &after, "a request in a callback");
}

/* pre_: before anything is redirected. post_: when no task can enter the other version. */
static void check_when(struct world *world, const struct call *call)
{
	const struct oracle *oracle = &world->oracle;
	bool post = call->which == LP_POST_PATCH || call->which == LP_POST_UNPATCH;

	if (oracle->active && !oracle->object_op)
		world_violation(world, "I8", "%s of patch #%u is called in the transition",
				lp_callback_word((enum lp_callback)call->which), call->serial);
	if (!post && !oracle->starting && !oracle->object_op)
		world_violation(world, "I8", "%s of patch #%u is called at the end",
				lp_callback_word((enum lp_callback)call->which), call->serial);
}

/* klp_get_prev_state(): != NULL exactly when an older patch had it */
static void check_prev(struct world *world, const struct lp_patch_state *state)
{
	const struct plan *plan = &world->oracle.plan;
	bool expected = plan->n_coming &&
			plan_with_state(world, plan->leaving, plan->n_leaving, state->id);
	const struct lp_patch_state *prev = lp_state_get_prev(&world->core, state->id);

	if (world->oracle.object_op && !world->oracle.active)
		expected = false;
	if ((prev != NULL) != expected)
		world_violation(world, "I8", "the previous state %llu is %s",
				(unsigned long long)state->id, prev ? "there" : "not there");
}

/* klp_transition_complete(): in the patch's own post_patch, and not before */
static void check_complete(struct world *world, const struct fix *fix, int which)
{
	bool complete = lp_patch_is_complete(&world->core, &fix->patch);

	if (world->oracle.object_op)
		return;
	if (complete != (which == LP_POST_PATCH))
		world_violation(world, "I8", "patch #%u is %scomplete in its %s", fix->serial,
				complete ? "" : "not ", lp_callback_word((enum lp_callback)which));
}

static uint8_t callbacks_of(const struct fix *fix, const struct call *call)
{
	const struct lp_patch_state *state;

	if (!call->of_state)
		return fix->truth.object_callbacks[call->id];
	state = fix_state(fix, call->id);
	return state ? state->callbacks : 0;
}

int host_callback(void *data, struct lp_patch *patch, const struct lp_callback_call *which)
{
	struct world *world = data;
	struct fix *fix = fix_of(patch);
	struct call *call;

	if (world->host.calling)
		world_violation(world, "I8", "a callback in a callback");
	call = call_add(world, world->host.calls, &world->host.n_calls, fix->serial);
	call->which = which->which;
	call->of_state = which->state != NULL;
	call->id = which->state ? which->state->id : (uintptr_t)which->object->host;
	world_tell(world, "  call %s of #%u %s %llu", lp_callback_word(which->which), fix->serial,
		   which->state ? "state" : "object", (unsigned long long)call->id);
	if (!(callbacks_of(fix, call) & 1u << which->which))
		world_violation(world, "I8", "a callback is called that was not given");
	check_when(world, call);
	check_complete(world, fix, which->which);
	if (which->state)
		check_prev(world, which->state);
	world->host.calling = true;
	nested_requests(world);
	task_stir(world);
	world->host.calling = false;
	call->failed = which->which == LP_PRE_PATCH &&
		       (world_fails(world) || world_unlucky(world, 12));
	world->failed = world->failed || call->failed;
	/* what the others return does not matter; a positive number is a failure too */
	if (call->failed || which->which != LP_PRE_PATCH)
		return call->id % 2 ? -EPERM : 1;
	return 0;
}

void host_shadow_free_all(void *data, struct lp_patch *patch, const struct lp_patch_state *state)
{
	struct world *world = data;
	struct call *call;

	call = call_add(world, world->host.calls, &world->host.n_calls, fix_of(patch)->serial);
	call->of_state = call->shadow_free = true;
	call->id = state->id;
	world_tell(world, "  shadow-free %llu of #%u", (unsigned long long)state->id, call->serial);
	if (!state->is_shadow)
		world_violation(world, "I8", "shadow variables of a state that has none");
	if (world->oracle.active)
		world_violation(world, "I8", "shadow variables freed in a transition");
}

/* What must be called */

static void expect(struct world *world, uint32_t serial, bool of_state, uint64_t id, int which)
{
	struct oracle *oracle = &world->oracle;
	struct call call = { .of_state = of_state, .id = id };

	if (!(callbacks_of(world->fixes[serial], &call) & 1u << which))
		return;
	call_add(world, oracle->calls, &oracle->n_calls, serial);
	oracle->calls[oracle->n_calls - 1].of_state = of_state;
	oracle->calls[oracle->n_calls - 1].id = id;
	oracle->calls[oracle->n_calls - 1].which = which;
}

static void expect_free(struct world *world, uint32_t serial, const struct lp_patch_state *state)
{
	struct oracle *oracle = &world->oracle;

	/* of a forced patch they stay, as its code does */
	if (!state->is_shadow || world->fixes[serial]->truth.forced)
		return;
	call_add(world, oracle->calls, &oracle->n_calls, serial);
	oracle->calls[oracle->n_calls - 1].of_state = true;
	oracle->calls[oracle->n_calls - 1].shadow_free = true;
	oracle->calls[oracle->n_calls - 1].id = state->id;
}

/* The states of `list` that none of `others` has. */
static void expect_states(struct world *world, const uint32_t *list, unsigned int n,
			  const uint32_t *others, unsigned int n_others, int which)
{
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		const struct fix_truth *truth = &world->fixes[list[i]]->truth;

		for (j = 0; j < truth->n_states; j++) {
			const struct lp_patch_state *state = &truth->states[j];

			if (plan_with_state(world, others, n_others, state->id))
				continue;
			expect(world, list[i], true, state->id, which);
			if (which == LP_POST_UNPATCH)
				expect_free(world, list[i], state);
		}
	}
}

/* Objects: those of the patches that come, or of the one that is disabled. */
static const uint32_t *object_patches(const struct plan *plan, unsigned int *n)
{
	bool disabled = plan->disabling && !plan->undoing;

	*n = disabled ? plan->n_leaving : plan->n_coming;
	return disabled ? plan->leaving : plan->coming;
}

static void expect_objects(struct world *world, int which, bool start)
{
	unsigned int i, object, n;
	const uint32_t *list = object_patches(&world->oracle.plan, &n);

	for (i = 0; i < n; i++) {
		struct fix_truth *truth = &world->fixes[list[i]]->truth;

		for (object = 0; object < MAX_OBJECTS; object++) {
			if (start)
				truth->owed[object] = truth->object_told[object] &&
						      world->program.objects[object].present;
			if (truth->owed[object])
				expect(world, list[i], false, object, which);
			if (!start)
				truth->owed[object] = false;
		}
	}
}

void calls_expect_start(struct world *world)
{
	const struct plan *plan = &world->oracle.plan;
	bool disabled = plan->disabling && !plan->undoing;

	expect_states(world, plan->coming, plan->n_coming, plan->leaving, plan->n_leaving,
		      LP_PRE_PATCH);
	expect_states(world, plan->leaving, plan->n_leaving, plan->coming, plan->n_coming,
		      LP_PRE_UNPATCH);
	expect_objects(world, disabled ? LP_PRE_UNPATCH : LP_PRE_PATCH, true);
}

void calls_expect_finish(struct world *world, bool forward)
{
	const struct plan *plan = &world->oracle.plan;
	bool disabled = plan->disabling && !plan->undoing;

	expect_states(world, plan->coming, plan->n_coming, plan->leaving, plan->n_leaving,
		      forward ? LP_POST_PATCH : LP_POST_UNPATCH);
	expect_states(world, plan->leaving, plan->n_leaving, plan->coming, plan->n_coming,
		      forward ? LP_POST_UNPATCH : LP_POST_PATCH);
	expect_objects(world, forward != disabled ? LP_POST_PATCH : LP_POST_UNPATCH, false);
}

static void expect_object(struct world *world, uint32_t serial, unsigned int object, bool comes)
{
	struct fix_truth *truth = &world->fixes[serial]->truth;
	unsigned int n;
	const uint32_t *own = object_patches(&world->oracle.plan, &n);
	bool in_transition = world->oracle.active && plan_has(own, n, serial);

	if (!truth->object_told[object] || !(truth->enabled || truth->coming))
		return;
	if (comes)
		expect(world, serial, false, object, LP_PRE_PATCH);
	if (!in_transition)
		expect(world, serial, false, object, comes ? LP_POST_PATCH : LP_PRE_UNPATCH);
	if (!comes)
		expect(world, serial, false, object, LP_POST_UNPATCH);
	truth->owed[object] = comes && in_transition;
}

void calls_expect_object(struct world *world, unsigned int object, bool comes)
{
	unsigned int i;

	for (i = 0; i < world->oracle.n_live; i++)
		expect_object(world, world->oracle.live[i], object, comes);
}

void calls_unexpect_object(struct world *world, unsigned int object)
{
	unsigned int i;

	for (i = 0; i < world->oracle.n_live; i++)
		world->fixes[world->oracle.live[i]]->truth.owed[object] = false;
}

/* The comparison */

static unsigned int count(const struct call *list, unsigned int n, const struct call *wanted)
{
	unsigned int i, times = 0;

	for (i = 0; i < n; i++)
		times += list[i].serial == wanted->serial && list[i].of_state == wanted->of_state &&
			 list[i].shadow_free == wanted->shadow_free &&
			 list[i].which == wanted->which && list[i].id == wanted->id;
	return times;
}

static void mismatch(struct world *world, const struct call *call, unsigned int times,
		     unsigned int wanted)
{
	if (times != wanted)
		world_violation(world, "I8", "%s of %s %llu of patch #%u: %u calls, not %u",
				call->shadow_free ? "shadow_free_all" :
						    lp_callback_word((enum lp_callback)call->which),
				call->of_state ? "state" : "object", (unsigned long long)call->id,
				call->serial, times, wanted);
}

/* Variables that a pre_patch may have made do not outlive it, failed or not. */
static void check_freed(struct world *world, const struct call *call)
{
	const struct lp_patch_state *state = fix_state(world->fixes[call->serial], call->id);
	struct call wanted = { .serial = call->serial, .of_state = true, .shadow_free = true };

	wanted.id = call->id;
	if (call->which == LP_PRE_PATCH && call->of_state && state->is_shadow)
		mismatch(world, &wanted, count(world->host.calls, world->host.n_calls, &wanted), 1);
}

/* A pre_ that was called and did not fail has its opposite; what has no pre_ may have it. */
static void check_undone(struct world *world)
{
	const struct host *host = &world->host;
	unsigned int i;

	for (i = 0; i < host->n_calls; i++) {
		const struct call *call = &host->calls[i];
		struct call other = *call;
		uint8_t given = callbacks_of(world->fixes[call->serial], call);
		bool pre = call->which == LP_PRE_PATCH || call->which == LP_PRE_UNPATCH;

		if (call->shadow_free)
			continue;
		check_freed(world, call);
		/* pre_patch - post_unpatch, post_patch - pre_unpatch */
		other.which = LP_POST_UNPATCH - call->which;
		if (pre && !call->failed && given & 1u << other.which)
			mismatch(world, &other, count(host->calls, host->n_calls, &other), 1);
		if (pre && call->failed)
			mismatch(world, &other, count(host->calls, host->n_calls, &other), 0);
		if (!pre && given & 1u << other.which)
			mismatch(world, &other, count(host->calls, host->n_calls, &other), 1);
	}
}

void calls_begin(struct world *world)
{
	world->host.n_calls = 0;
	world->oracle.n_calls = 0;
}

void calls_check(struct world *world, bool refused)
{
	const struct host *host = &world->host;
	const struct oracle *oracle = &world->oracle;
	unsigned int i;

	if (refused) {
		check_undone(world);
		return;
	}
	for (i = 0; i < host->n_calls; i++)
		mismatch(world, &host->calls[i], count(host->calls, host->n_calls, &host->calls[i]),
			 count(oracle->calls, oracle->n_calls, &host->calls[i]));
	for (i = 0; i < oracle->n_calls; i++)
		mismatch(world, &oracle->calls[i],
			 count(host->calls, host->n_calls, &oracle->calls[i]),
			 count(oracle->calls, oracle->n_calls, &oracle->calls[i]));
}
