/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the deadline of a transition does, and does not. */
#include "core_pass.h"

static void the_core_wants_to_be_called_at_the_deadline(void **state)
{
	uint64_t wait_ns;
	int i;

	(void)state;
	busy(1, FOREVER_BUSY);
	apply_until(100 * MS, LP_TIMEOUT_LEAVE);
	wait_ns = lp_core_pass(core);
	for (i = 0; i < 5; i++)
		wait_ns = next_pass(wait_ns);
	assert_int_equal(wait_ns, 32 * MS); /* at 31 ms */
	assert_int_equal(next_pass(wait_ns), 37 * MS); /* at 63 ms: not 127, but 100 */
	assert_int_equal(fake_count(fake, LP_EVENT_TIMEOUT), 0);
	assert_int_equal(next_pass(37 * MS), 27 * MS);
	assert_int_equal(fake_count(fake, LP_EVENT_TIMEOUT), 1);
	assert_true(tr->timed_out);
	fake_run(fake, 10 * SECOND_NS);
	assert_int_equal(fake_count(fake, LP_EVENT_TIMEOUT), 1);
	assert_int_equal(tr->phase, LP_PHASE_SWITCH); /* left as it is */
	finish();
	assert_true(a.patch.enabled);
}

static void deadline_that_reverses(void **state)
{
	(void)state;
	busy(1, FOREVER_BUSY);
	fake->tasks[1].busy[LP_UNPATCHED] = 20;
	apply_until(100 * MS, LP_TIMEOUT_REVERSE);
	fake_run(fake, 100 * MS);
	assert_true(tr->reversed);
	fake_run(fake, 100 * SECOND_NS);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_false(a.patch.enabled);
	assert_int_equal(fake_count(fake, LP_EVENT_TIMEOUT), 1);
	assert_int_equal(fake_count(fake, LP_EVENT_REVERSE), 1);
}

static void a_timeout_reverse_is_the_last_word_of_the_deadline(void **state)
{
	(void)state;
	busy(1, FOREVER_BUSY);
	fake->tasks[1].busy[LP_UNPATCHED] = FOREVER_BUSY;
	apply_until(100 * MS, LP_TIMEOUT_REVERSE);
	fake_run(fake, 200 * MS);
	assert_true(tr->reversed);
	assert_int_equal(lp_core_reverse(core, &fake->report), 0);
	fake_run(fake, 10 * SECOND_NS);
	assert_false(tr->reversed);
	assert_int_equal(tr->phase, LP_PHASE_SWITCH);
	finish();
	assert_true(a.patch.enabled);
}

static void a_reverse_waits_for_memory(void **state)
{
	(void)state;
	busy(1, FOREVER_BUSY);
	apply_until(100 * MS, LP_TIMEOUT_REVERSE);
	fake->target_error = -ENOMEM;
	fake_run(fake, 5 * SECOND_NS);
	assert_false(tr->reversed);
	assert_true(tr->passes >= 10); /* the transition goes on meanwhile */
	fake->target_error = 0;
	fake_run(fake, 5 * SECOND_NS);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_false(a.patch.enabled);
	assert_int_equal(fake_count(fake, LP_EVENT_TIMEOUT), 1);
	assert_int_equal(fake_count(fake, LP_EVENT_REVERSE), 1);
}

static void deadline_that_forces(void **state)
{
	(void)state;
	busy(1, FOREVER_BUSY);
	apply_until(100 * MS, LP_TIMEOUT_FORCE);
	fake_run(fake, 99 * MS);
	assert_int_equal(tr->phase, LP_PHASE_SWITCH);
	fake_run(fake, MS);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_true(a.patch.enabled && a.patch.forced);
}

static void deadline_of_a_disable(void **state)
{
	struct lp_deadline deadline = { 100 * MS, LP_TIMEOUT_REVERSE };

	(void)state;
	fake_apply(fake, &a.patch);
	busy(1, FOREVER_BUSY);
	assert_int_equal(lp_core_disable(core, "a", &deadline, &fake->report), 0);
	fake_run(fake, 100 * MS);
	fake_run(fake, 0);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_true(a.patch.enabled);
}

static void deadline_in_redirect(void **state)
{
	static const enum lp_on_timeout policies[] = { LP_TIMEOUT_LEAVE, LP_TIMEOUT_REVERSE };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		fake->n_log = 0;
		fake->redirect_again = 1000;
		apply_until(100 * MS, policies[i]);
		fake_run(fake, 2 * SECOND_NS);
		assert_int_equal(fake_count(fake, LP_EVENT_TIMEOUT), 1);
		assert_int_equal(fake_count(fake, LP_EVENT_ABANDON), i);
		assert_int_equal(tr->phase, i ? LP_PHASE_IDLE : LP_PHASE_REDIRECT);
		if (tr->phase != LP_PHASE_IDLE)
			assert_int_equal(lp_core_reverse(core, &fake->report), 0);
		assert_false(a.patch.enabled);
	}
}

static void a_force_waits_for_the_entries(void **state)
{
	(void)state;
	busy(1, FOREVER_BUSY);
	fake->redirect_again = 9;
	apply_until(100 * MS, LP_TIMEOUT_FORCE);
	fake_run(fake, 200 * MS);
	assert_int_equal(tr->phase, LP_PHASE_REDIRECT);
	assert_true(tr->timed_out);
	fake_run(fake, 2 * SECOND_NS);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_true(a.patch.enabled && a.patch.forced);
	assert_string_equal(fake_events(fake),
			    "apply:a timeout:a redirected:a force:a complete:a enabled:a");
}

static void a_force_waits_for_the_list(void **state)
{
	(void)state;
	busy(1, FOREVER_BUSY);
	apply_until(100 * MS, LP_TIMEOUT_FORCE);
	fake_run(fake, 50 * MS);
	fake->listing_error = -ENOMEM;
	fake_run(fake, 5 * SECOND_NS);
	assert_int_equal(tr->phase, LP_PHASE_SWITCH);
	assert_false(a.patch.forced);
	fake->listing_error = 0;
	fake_run(fake, 5 * SECOND_NS);
	assert_true(a.patch.enabled && a.patch.forced);
	assert_int_equal(fake_count(fake, LP_EVENT_TIMEOUT), 1);
}

static void a_deadline_does_not_turn_a_reverse_around(void **state)
{
	static const enum lp_on_timeout policies[] = { LP_TIMEOUT_REVERSE, LP_TIMEOUT_FORCE };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		fake->n_log = 0;
		busy(1, FOREVER_BUSY);
		fake->tasks[1].busy[LP_UNPATCHED] = FOREVER_BUSY;
		apply_until(100 * MS, policies[i]);
		fake_run(fake, 10 * MS);
		assert_int_equal(lp_core_reverse(core, &fake->report), 0);
		fake_run(fake, 10 * SECOND_NS);
		assert_true(tr->reversed);
		assert_int_equal(tr->phase, LP_PHASE_SWITCH);
		assert_int_equal(fake_count(fake, LP_EVENT_TIMEOUT), 1);
		assert_int_equal(fake_count(fake, LP_EVENT_REVERSE), 1);
		finish();
		assert_false(a.patch.enabled);
	}
}

static void a_deadline_beyond_the_end_of_time(void **state)
{
	(void)state;
	busy(1, 3);
	apply_until(UINT64_MAX, LP_TIMEOUT_REVERSE);
	fake_run(fake, SECOND_NS);
	assert_true(a.patch.enabled);
	assert_int_equal(fake_count(fake, LP_EVENT_TIMEOUT), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_core_wants_to_be_called_at_the_deadline),
		TEST(deadline_that_reverses),
		TEST(a_timeout_reverse_is_the_last_word_of_the_deadline),
		TEST(a_reverse_waits_for_memory),
		TEST(deadline_that_forces),
		TEST(deadline_of_a_disable),
		TEST(deadline_in_redirect),
		TEST(a_force_waits_for_the_entries),
		TEST(a_force_waits_for_the_list),
		TEST(a_deadline_does_not_turn_a_reverse_around),
		TEST(a_deadline_beyond_the_end_of_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
