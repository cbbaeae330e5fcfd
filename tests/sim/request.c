/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "deadline.h"
#include "ops.h"
#include "snapshot.h"
#include "world.h"

/* One request on its way. */
struct request {
	const char *word;
	struct snapshot before;
	struct lp_refusal *refusals; /* the client's memory: gone with the client */
	struct lp_report report;
};

static void request_begin(struct world *world, struct request *request, const char *word,
			  unsigned int how)
{
	request->word = word;
	request->report = (struct lp_report){ 0 };
	request->refusals = calloc(MAX_REFUSALS, sizeof(*request->refusals));
	if (!request->refusals)
		abort();
	if (!(how & HOW_NO_REPORT)) {
		request->report.refusals = request->refusals;
		request->report.capacity = MAX_REFUSALS;
	}
	calls_begin(world);
	events_begin(world);
	world->oracle.starting = true;
	snapshot_take(world, &request->before);
}

static void refused(struct world *world, struct request *request)
{
	struct snapshot after;

	snapshot_take(world, &after);
	snapshot_compare(world, &request->before, &after, request->word);
	world->run->refused++;
}

static void request_end(struct world *world, struct request *request, int error)
{
	world->oracle.starting = false;
	world_tell(world, "  %s: %d %s", request->word, error,
		   request->report.total && request->report.capacity ?
			   lp_reason_word(request->report.refusals[0].reason) :
			   "");
	calls_check(world, error != 0);
	events_check(world);
	if (error)
		refused(world, request);
	else if (strcmp(request->word, "pass") != 0)
		world->run->accepted++;
	memset(request->refusals, 0xdb, MAX_REFUSALS * sizeof(*request->refusals));
	free(request->refusals);
	book_check(world);
}

/* The answer of a request that the plan foretells, if the host does not fail. */
static void answer_check(struct world *world, const struct request *request, int error)
{
	const struct plan *plan = &world->oracle.plan;

	if (world->failed && error && !plan->error) {
		if (!request->report.total)
			world_violation(world, "rules", "%s failed without a reason",
					request->word);
		return;
	}
	if (error != plan->error)
		world_violation(world, "rules", "%s: the answer is %d, not %d", request->word,
				error, plan->error);
	if (error)
		plan_compare(world, plan, &request->report);
}

static struct lp_deadline deadline_of(unsigned int how)
{
	struct lp_deadline deadline = { 0 };

	if (how & HOW_DEADLINE)
		deadline.timeout_ns = how & HOW_NO_UNDO ? UINT64_MAX : 30000000;
	deadline.policy = (enum lp_on_timeout)(((how & HOW_ON_TIMEOUT) >> 4) % 3);
	return deadline;
}

static struct lp_apply_options options_of(unsigned int how)
{
	struct lp_apply_options options = {
		.replace_conflicting = how & HOW_REPLACE_CONFLICTING,
		.override = how & HOW_OVERRIDE,
		.deadline = deadline_of(how),
		.no_undo = how & HOW_NO_UNDO,
	};

	return options;
}

/* A plan of a request while a transition is under way must not take its place. */
static void plan_keep(struct world *world, struct plan *kept)
{
	*kept = world->oracle.plan;
}

static void plan_restore(struct world *world, const struct plan *kept, bool was_active)
{
	if (was_active)
		world->oracle.plan = *kept;
}

static void started(struct world *world, int error, const struct lp_deadline *deadline)
{
	if (error)
		return;
	calls_expect_start(world);
	events_expect_start(world);
	deadline_begin(world, deadline, world->host.now_ns);
	oracle_begin(world);
}

void request_apply(struct world *world, unsigned int how, uint32_t seed)
{
	struct lp_apply_options options = options_of(how);
	struct fix *fix = fix_create(world, seed, how >> HOW_PLAIN_SHIFT);
	bool was_active = world->oracle.active;
	struct request request;
	struct plan kept, plan;
	int error;

	plan_keep(world, &kept);
	plan_apply(world, &plan, fix, &options);
	world->oracle.plan = plan;
	request_begin(world, &request, "apply", how);
	error = lp_core_apply(&world->core, &fix->patch, how & HOW_OPTIONS ? &options : NULL,
			      &request.report);
	answer_check(world, &request, error);
	started(world, error, how & HOW_OPTIONS ? &options.deadline : NULL);
	plan_restore(world, &kept, was_active);
	request_end(world, &request, error);
	if (error)
		fix_destroy(world, fix);
}

/* It may set `leaving`, and on exactly those that would leave. */
static void check_leaving(struct world *world, const struct plan *plan)
{
	unsigned int i;

	for (i = 0; i < world->oracle.n_live; i++) {
		struct fix *fix = world->fixes[world->oracle.live[i]];
		bool leaves = plan_has(plan->leaving, plan->n_leaving, fix->serial);

		if (!fix->truth.enabled)
			continue;
		if (fix->patch.leaving != leaves && plan->error != -EBUSY && plan->error != -EINVAL)
			world_violation(world, "rules", "check: does patch #%u leave?",
					fix->serial);
		if (plan->error != -EBUSY)
			fix->patch.leaving = false;
	}
}

/* A patch that is enabled or kept cannot be applied: it has a place already. */
static void check_known(struct world *world)
{
	struct oracle *oracle = &world->oracle;
	struct lp_report report = { 0 };
	struct snapshot before, after;
	int error;

	if (!oracle->n_live || !world_unlucky(world, 2))
		return;
	snapshot_take(world, &before);
	error = lp_core_apply(&world->core, &world->fixes[oracle->live[0]]->patch, NULL, &report);
	if (error != (oracle->active ? -EBUSY : -ECANCELED))
		world_violation(world, "rules", "a known patch is applied: %d", error);
	snapshot_take(world, &after);
	snapshot_compare(world, &before, &after, "a known patch");
}

/* Functions of those that leave, and that go back to the original. */
static void check_weak(struct world *world, const struct plan *plan, const struct fix *fix,
		       const struct lp_report *weak)
{
	unsigned int i, j, wanted = 0;

	if (plan->error == -EBUSY || plan->error == -EINVAL)
		return;
	for (i = 0; i < plan->n_leaving; i++) {
		const struct fix_truth *truth = &world->fixes[plan->leaving[i]]->truth;

		for (j = 0; j < truth->n_functions; j++)
			wanted += !fix_has_function(fix, truth->functions[j]);
	}
	if (weak->total != wanted)
		world_violation(world, "rules", "%u weak conflicts are told, not %u", weak->total,
				wanted);
}

void request_check(struct world *world, unsigned int how, uint32_t seed)
{
	struct lp_report weak = { 0 };
	struct lp_apply_options options = options_of(how);
	struct fix *fix = fix_create(world, seed, how >> HOW_PLAIN_SHIFT);
	struct request request;
	struct plan kept, plan;
	int error;

	plan_keep(world, &kept);
	plan_apply(world, &plan, fix, &options);
	world->oracle.plan = plan;
	request_begin(world, &request, "check", how);
	options.weak = &weak;
	error = lp_core_check(&world->core, &fix->patch, &options, &request.report);
	answer_check(world, &request, error);
	check_leaving(world, &plan);
	check_weak(world, &plan, fix, &weak);
	check_known(world);
	world->oracle.plan = kept;
	request_end(world, &request, error);
	fix_destroy(world, fix);
}

void request_disable(struct world *world, unsigned int how, unsigned int name)
{
	struct lp_deadline deadline = deadline_of(how);
	bool was_active = world->oracle.active;
	struct request request;
	struct plan kept, plan;
	int error;

	plan_keep(world, &kept);
	plan_disable(world, &plan, fix_name(name));
	world->oracle.plan = plan;
	request_begin(world, &request, "disable", how);
	error = lp_core_disable(&world->core, fix_name(name), &deadline, &request.report);
	answer_check(world, &request, error);
	started(world, error, &deadline);
	plan_restore(world, &kept, was_active);
	request_end(world, &request, error);
}

/* The same answer without doing it. */
static void undo_check(struct world *world, const struct plan *plan)
{
	struct lp_refusal refusals[MAX_REFUSALS];
	struct lp_report report = { .refusals = refusals, .capacity = MAX_REFUSALS };
	struct snapshot before, after;
	int error;

	if (!world_unlucky(world, 3))
		return;
	snapshot_take(world, &before);
	error = lp_core_undo_check(&world->core, &report);
	if (error != plan->error)
		world_violation(world, "rules", "undo-check: the answer is %d, not %d", error,
				plan->error);
	plan_compare(world, plan, &report);
	snapshot_take(world, &after);
	snapshot_compare(world, &before, &after, "undo-check");
}

void request_undo(struct world *world, unsigned int how)
{
	struct lp_deadline deadline = deadline_of(how);
	bool was_active = world->oracle.active;
	struct request request;
	struct plan kept, plan;
	int error;

	plan_keep(world, &kept);
	plan_undo(world, &plan);
	world->oracle.plan = plan;
	undo_check(world, &plan);
	request_begin(world, &request, "undo", how);
	error = lp_core_undo(&world->core, &deadline, &request.report);
	answer_check(world, &request, error);
	started(world, error, &deadline);
	plan_restore(world, &kept, was_active);
	request_end(world, &request, error);
}

static void expect_error(struct world *world, const struct request *request, int error, int wanted)
{
	if (error != wanted && !(world->failed && error < 0 && !wanted))
		world_violation(world, "rules", "%s: the answer is %d, not %d", request->word,
				error, wanted);
}

static void expect_reason(struct world *world, const struct request *request, int error)
{
	if (error && !request->report.total)
		world_violation(world, "rules", "%s: %d, and no reason", request->word, error);
}

void request_reverse(struct world *world, unsigned int how)
{
	struct oracle *oracle = &world->oracle;
	int wanted = oracle->active ? 0 : -ENOENT;
	struct request request;
	bool was_forward;
	int error;

	if (oracle->active && oracle->forward && plan_blocks_reverse(world, &oracle->plan))
		wanted = -ECANCELED;
	request_begin(world, &request, "reverse", how);
	oracle->starting = false;
	was_forward = oracle->forward;
	error = lp_core_reverse(&world->core, &request.report);
	expect_error(world, &request, error, wanted);
	if (!error && oracle->active && oracle->forward == was_forward)
		world_violation(world, "rules", "reverse: nothing is turned around");
	expect_reason(world, &request, error);
	request_end(world, &request, error);
}

void request_force(struct world *world, unsigned int how)
{
	struct oracle *oracle = &world->oracle;
	int wanted = !oracle->active ? -ENOENT : oracle->redirected ? 0 : -EAGAIN;
	struct request request;
	int error;

	request_begin(world, &request, "force", how);
	oracle->starting = false;
	error = lp_core_force(&world->core, &request.report);
	expect_error(world, &request, error, wanted);
	if (!error && oracle->active && !oracle->forcing)
		world_violation(world, "rules", "force: nothing is forced");
	expect_reason(world, &request, error == -EAGAIN ? 0 : error);
	request_end(world, &request, error);
}

void request_set(struct world *world, unsigned int replaceable, unsigned int name)
{
	struct lp_patch *patch = lp_core_find(&world->core, fix_name(name));
	struct request request;
	int error;

	request_begin(world, &request, "set", 0);
	error = lp_core_set_replaceable(&world->core, fix_name(name), replaceable, &request.report);
	expect_error(world, &request, error, patch ? 0 : -ENOENT);
	expect_reason(world, &request, error);
	if (!error)
		fix_of(patch)->truth.replaceable = replaceable;
	request_end(world, &request, error);
}

void request_depth(struct world *world, unsigned int depth)
{
	struct oracle *oracle = &world->oracle;
	bool active = oracle->active;
	struct request request;
	int error;

	request_begin(world, &request, "depth", 0);
	if (!active) {
		oracle->undo_depth = depth;
		book_trim(world);
	}
	error = lp_core_set_undo_depth(&world->core, depth);
	expect_error(world, &request, error, active ? -EBUSY : 0);
	request_end(world, &request, error);
}

void request_forget(struct world *world)
{
	bool active = world->oracle.active;
	struct request request;
	int error;

	request_begin(world, &request, "forget", 0);
	if (!active)
		book_forget_all(world);
	error = lp_core_forget(&world->core);
	expect_error(world, &request, error, active ? -EBUSY : 0);
	request_end(world, &request, error);
}

/* A pass is bounded, and says when it wants to be called again. */
static void check_pass(struct world *world, uint64_t wait_ns, uint64_t took_ns)
{
	bool idle = world->core.transition.phase == LP_PHASE_IDLE;

	if (took_ns > LP_PASS_BUDGET_NS + 1000 + world->try_cost_ns)
		world_violation(world, "bounded", "a pass took %llu ns",
				(unsigned long long)took_ns);
	if ((wait_ns == LP_FOREVER_NS) != idle || (!idle && wait_ns > LP_PASS_INTERVAL_MAX_NS))
		world_violation(world, "liveness", "a pass wants to wait %llu ns",
				(unsigned long long)wait_ns);
}

void request_pass(struct world *world, uint64_t after_ns)
{
	struct request request;
	bool was_active = world->oracle.active, was_forward = world->oracle.forward;
	uint64_t wait_ns, started_ns;

	world->host.now_ns += after_ns;
	started_ns = world->host.now_ns;
	request_begin(world, &request, "pass", HOW_NO_REPORT);
	world->oracle.starting = false;
	wait_ns = lp_core_pass(&world->core);
	check_pass(world, wait_ns, world->host.now_ns - started_ns);
	deadline_check(world, started_ns, was_active, was_forward);
	request_end(world, &request, 0);
}

/* Objects */

static bool in_use(const struct world *world, unsigned int object)
{
	unsigned int slot, i;

	for (slot = 0; slot < MAX_TASKS; slot++) {
		const struct task *task = &world->tasks[slot];

		for (i = 0; task->alive && i < task->depth; i++) {
			if (world->program.functions[task->stack[i].function].object == object)
				return true;
		}
	}
	return false;
}

static void check_no_sites(struct world *world, unsigned int object)
{
	unsigned int i;

	for (i = 0; i < world->program.n_functions; i++) {
		if (world->program.functions[i].object == object && world->entries[i].site)
			world_violation(world, "I9",
					"function %u has a site, and its object is gone", i);
	}
}

void request_coming(struct world *world, unsigned int number)
{
	struct object *object = &world->program.objects[number];
	struct request request;
	int error;

	if (!number || number >= world->program.n_objects || object->present)
		return;
	request_begin(world, &request, "coming", 0);
	world->oracle.starting = false;
	world->oracle.object_op = object->arriving = true;
	calls_expect_object(world, number, true);
	error = lp_core_object_coming(&world->core, program_object_name(&world->program, number),
				      &request.report);
	world->oracle.object_op = object->arriving = false;
	expect_error(world, &request, error, 0);
	expect_reason(world, &request, error);
	object->present = error == 0;
	object->draining = false;
	if (error) {
		calls_unexpect_object(world, number);
		check_no_sites(world, number);
	}
	request_end(world, &request, error);
}

void request_going(struct world *world, unsigned int number)
{
	struct object *object = &world->program.objects[number];
	struct request request;
	int error;

	if (!number || number >= world->program.n_objects || !object->present ||
	    in_use(world, number))
		return;
	request_begin(world, &request, "going", 0);
	world->oracle.starting = false;
	world->oracle.object_op = true;
	calls_expect_object(world, number, false);
	object->present = false;
	error = lp_core_object_going(&world->core, program_object_name(&world->program, number));
	world->oracle.object_op = false;
	expect_error(world, &request, error, 0);
	check_no_sites(world, number);
	request_end(world, &request, error);
}
