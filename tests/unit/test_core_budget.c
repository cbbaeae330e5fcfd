/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * 20,000 tasks whose tries take their time: no call of the core holds the lock for longer than the
 * budget and one try, whatever it finds, and the work gets done.
 */
#include "core_pass.h"

#define TASKS 20000
#define TRY_NS 40000ull /* most of them; all of them at once would take 0.8 s */
#define SLOW_TRY_NS (3 * MS) /* each 997th */

static uint64_t cost_ns(int64_t tid)
{
	return tid % 997 ? TRY_NS : SLOW_TRY_NS;
}

static enum lp_switch slow_try(void *host, struct lp_transition *transition, int64_t tid,
			       struct lp_verdict *verdict)
{
	((struct fake *)host)->try_cost_ns = cost_ns(tid);
	return fake_task_try_switch(host, transition, tid, verdict);
}

static int slow_force(void *host, struct lp_transition *transition, int64_t tid)
{
	((struct fake *)host)->now_ns += cost_ns(tid);
	return fake_task_force(host, transition, tid);
}

static int budget_setup(void **state)
{
	static struct lp_host host;

	setup(state);
	host = fake_host;
	host.task_try_switch = slow_try;
	host.task_force = slow_force;
	core->host = &host;
	grow(TASKS);
	return 0;
}

struct bill {
	unsigned int calls;
	uint64_t longest_ns, all_ns;
};

/* One call, as a host makes it: takes the lock, gives it up again, waits as long as it is told. */
static uint64_t call(struct bill *bill)
{
	uint64_t before_ns = fake->now_ns;
	uint64_t wait_ns = lp_core_pass(core);
	uint64_t held_ns = fake->now_ns - before_ns;

	assert_true(held_ns <= LP_PASS_BUDGET_NS + SLOW_TRY_NS);
	bill->calls++;
	bill->all_ns += held_ns;
	if (held_ns > bill->longest_ns)
		bill->longest_ns = held_ns;
	return wait_ns;
}

static void call_until(struct bill *bill, unsigned int passes)
{
	while (tr->phase != LP_PHASE_IDLE && tr->passes < passes) {
		uint64_t wait_ns = call(bill);

		if (wait_ns != LP_FOREVER_NS)
			fake->now_ns += wait_ns;
	}
}

/* As much work as tries, in pieces of the budget, and nothing tried twice in a pass. */
static void one_pass_in_pieces(void **state)
{
	struct bill bill = { 0 };
	uint64_t work_ns = 0;
	int64_t tid;

	(void)state;
	for (tid = 1; tid <= TASKS; tid++)
		work_ns += cost_ns(tid);
	apply();
	call_until(&bill, 1);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_int_equal(bill.all_ns, work_ns);
	assert_true(bill.longest_ns >= LP_PASS_BUDGET_NS);
	assert_true(bill.calls >= work_ns / (LP_PASS_BUDGET_NS + SLOW_TRY_NS));
	assert_true(bill.calls <= work_ns / LP_PASS_BUDGET_NS + 2);
	assert_int_equal(fake->listings, 1);
	for (tid = 1; tid <= TASKS; tid++)
		assert_int_equal(fake_task(fake, tid)->tries, 1);
}

/* All are busy: records, nudges and the end of the pass are no longer calls either. */
static void all_busy(void **state)
{
	const struct lp_blocker *one;
	struct bill bill = { 0 };
	unsigned int n = 0;
	int64_t tid;

	(void)state;
	for (tid = 1; tid <= TASKS; tid++)
		busy((unsigned int)tid, 5);
	apply();
	call_until(&bill, 5);
	lp_list_for_each(one, &tr->blockers, link) {
		n++;
		assert_int_equal(one->tries, 5);
		assert_int_equal(one->verdict.blocking, LP_BLOCKING_ON_STACK);
		assert_true(one->since_ns > 0 && one->since_ns < fake->now_ns);
		assert_int_equal(fake_task(fake, one->tid)->nudges, 5 - LP_NUDGE_AFTER);
	}
	assert_int_equal(n, TASKS);
	fake->n_log = 0;
	call_until(&bill, 100);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_int_equal(tr->passes, 6);
	assert_int_equal(fake->allocated, 1); /* the site */
}

/* A request gets its turn between two calls, and the work starts anew at once. */
static void a_reverse_in_the_middle(void **state)
{
	struct bill bill = { 0 };
	int i;

	(void)state;
	apply();
	for (i = 0; i < 20; i++)
		assert_int_equal(call(&bill), 0);
	assert_int_equal(lp_core_reverse(core, &fake->report), 0);
	call_until(&bill, 100);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_false(a.patch.enabled);
}

/* One task that never ends does not keep the others from being done. */
static void a_deadline_in_the_middle(void **state)
{
	struct bill bill = { 0 };

	(void)state;
	busy(17, FOREVER_BUSY);
	apply_until(SECOND_NS, LP_TIMEOUT_REVERSE);
	call_until(&bill, 1000);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_true(tr->timed_out);
	assert_false(a.patch.enabled);
}

/* Nobody is asked, but it takes its time all the same. */
static void a_force_in_pieces(void **state)
{
	uint64_t before_ns, held_ns;
	struct bill bill = { 0 };
	unsigned int i;

	(void)state;
	for (i = 1; i <= TASKS; i++)
		busy(i, FOREVER_BUSY);
	apply();
	call_until(&bill, 1);
	before_ns = fake->now_ns;
	assert_int_equal(lp_core_force(core, &fake->report), 0);
	held_ns = fake->now_ns - before_ns;
	assert_true(held_ns >= LP_PASS_BUDGET_NS && held_ns <= LP_PASS_BUDGET_NS + SLOW_TRY_NS);
	assert_int_equal(tr->phase, LP_PHASE_SWITCH);
	assert_true(a.patch.forced);
	fake->n_log = 0;
	call_until(&bill, 100);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_int_equal(tr->passes, 2);
	assert_int_equal(tr->n_tasks, TASKS);
	assert_int_equal(fake->listings, 2);
}

/* Turned around meanwhile: those that were set are asked, and come back. */
static void a_reverse_of_a_force(void **state)
{
	struct bill bill = { 0 };
	unsigned int i;

	(void)state;
	for (i = 1; i <= TASKS; i++)
		busy(i, FOREVER_BUSY);
	apply();
	call_until(&bill, 1);
	assert_int_equal(lp_core_force(core, &fake->report), 0);
	assert_int_equal(lp_core_reverse(core, &fake->report), 0);
	fake->n_log = 0;
	call_until(&bill, 100);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_int_equal(fake->tasks[0].tries, 2);
	assert_false(a.patch.enabled);
	assert_false(a.patch.pinned); /* all have been seen to leave it */
}

/* Also when it is the deadline that forces. */
static void a_deadline_forces_in_pieces(void **state)
{
	struct bill bill = { 0 };
	unsigned int i;

	(void)state;
	for (i = 1; i <= TASKS; i++)
		busy(i, FOREVER_BUSY);
	apply_until(2 * SECOND_NS, LP_TIMEOUT_FORCE);
	call_until(&bill, 100);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_true(a.patch.enabled && a.patch.forced);
}

#define BUDGET_TEST(name) cmocka_unit_test_setup_teardown(name, budget_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BUDGET_TEST(one_pass_in_pieces),	  BUDGET_TEST(all_busy),
		BUDGET_TEST(a_reverse_in_the_middle),	  BUDGET_TEST(a_deadline_in_the_middle),
		BUDGET_TEST(a_force_in_pieces),		  BUDGET_TEST(a_reverse_of_a_force),
		BUDGET_TEST(a_deadline_forces_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
