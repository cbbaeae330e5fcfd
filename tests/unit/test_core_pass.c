/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passes: how much work at a time, how often, and who is in the way. */
#include "core_pass.h"

static void a_pass_stops_when_its_time_is_up(void **state)
{
	(void)state;
	grow(100);
	fake->try_cost_ns = MS;
	apply();
	assert_int_equal(lp_core_pass(core), 0);
	assert_int_equal(fake->tasks[9].tries, 1);
	assert_int_equal(fake->tasks[10].tries, 0);
	assert_int_equal(tr->n_tasks, 0);
	assert_int_equal(lp_core_pass(core), 0);
	assert_int_equal(fake->tasks[19].tries, 1);
	assert_int_equal(fake->listings, 1); /* it goes on where it stopped */
	fake_run(fake, SECOND_NS);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_int_equal(tr->n_tasks, 100);
	assert_int_equal(fake->tasks[99].tries, 1);
}

static void a_pass_always_tries_one_task(void **state)
{
	(void)state;
	fake->try_cost_ns = SECOND_NS;
	apply();
	assert_int_equal(lp_core_pass(core), 0);
	assert_int_equal(lp_core_pass(core), 0);
	assert_int_equal(lp_core_pass(core), 0);
	assert_int_equal(fake->tasks[2].tries, 1);
	assert_int_equal(lp_core_pass(core), LP_FOREVER_NS);
}

static void passes_come_at_longer_and_longer_intervals(void **state)
{
	uint64_t wait_ns, expected_ns = MS;
	int i;

	(void)state;
	busy(1, FOREVER_BUSY);
	apply();
	wait_ns = lp_core_pass(core);
	for (i = 0; i < 15; i++) {
		assert_int_equal(wait_ns, expected_ns);
		assert_int_equal(tr->passes, i + 1);
		expected_ns = expected_ns * 2 > SECOND_NS ? SECOND_NS : expected_ns * 2;
		wait_ns = next_pass(wait_ns);
	}
	finish();
}

static void a_call_too_early_does_nothing(void **state)
{
	(void)state;
	busy(1, FOREVER_BUSY);
	apply();
	assert_int_equal(lp_core_pass(core), MS);
	fake->now_ns += MS / 4;
	assert_int_equal(lp_core_pass(core), MS - MS / 4);
	assert_int_equal(fake->listings, 1);
	assert_int_equal(next_pass(MS - MS / 4), 2 * MS);
	assert_int_equal(fake->listings, 2);
	finish();
}

static void complete_needs_one_pass_without_anyone_busy(void **state)
{
	(void)state;
	busy(3, 1);
	apply();
	assert_int_equal(lp_core_pass(core), MS);
	assert_int_equal(tr->n_tasks, 3);
	assert_int_equal(tr->n_switched, 2);
	fake->now_ns += MS;
	assert_int_equal(lp_core_pass(core), LP_FOREVER_NS);
	assert_int_equal(tr->n_switched, 3);
	assert_int_equal(fake->tasks[0].tries, 2); /* all are asked again */
	assert_int_equal(fake_count(fake, LP_EVENT_SWITCH), 3);
}

static void a_busy_task_early_in_a_long_pass_counts(void **state)
{
	uint64_t wait_ns = 0;
	int calls = 0;

	(void)state;
	grow(100);
	fake->try_cost_ns = MS;
	busy(1, 1);
	apply();
	do {
		wait_ns = lp_core_pass(core);
		calls++;
	} while (!wait_ns);
	assert_int_equal(wait_ns, MS);
	assert_true(calls >= 10);
	assert_int_equal(tr->n_switched, 99);
	finish();
}

static void gone_tasks_are_not_counted(void **state)
{
	(void)state;
	fake->tasks[1].gone = true;
	busy(1, 1);
	apply();
	assert_int_equal(lp_core_pass(core), MS);
	assert_int_equal(tr->n_tasks, 2);
	finish();
}

static void no_task_at_all_is_complete(void **state)
{
	(void)state;
	fake->n_tasks = 0;
	apply();
	assert_int_equal(lp_core_pass(core), LP_FOREVER_NS);
	assert_true(a.patch.enabled);
}

static void blockers_tell_who_why_and_since_when(void **state)
{
	uint64_t since_ns;

	(void)state;
	busy(1, 2);
	busy(2, FOREVER_BUSY);
	apply();
	since_ns = fake->now_ns;
	next_pass(lp_core_pass(core));
	assert_non_null(blocker(1));
	assert_null(blocker(3));
	assert_int_equal(blocker(2)->tries, 2);
	assert_int_equal(blocker(2)->since_ns, since_ns);
	assert_int_equal(blocker(2)->verdict.blocking, LP_BLOCKING_ON_STACK);
	assert_int_equal(blocker(2)->verdict.offset, 2); /* the newest */
	next_pass(2 * MS);
	assert_null(blocker(1)); /* it switched */
	assert_int_equal(blocker(2)->tries, 3);
	fake->tasks[1].gone = true;
	next_pass(4 * MS);
	assert_true(lp_list_empty(&tr->blockers));
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
}

static void a_blocker_no_longer_listed_is_forgotten(void **state)
{
	(void)state;
	busy(1, FOREVER_BUSY);
	busy(3, FOREVER_BUSY);
	apply();
	assert_int_equal(lp_core_pass(core), MS);
	assert_non_null(blocker(3));
	fake->n_tasks = 2; /* it ended, and is in no list any more */
	next_pass(MS);
	assert_null(blocker(3));
	assert_non_null(blocker(1));
	finish();
}

static void without_memory_there_are_no_blockers_but_all_else(void **state)
{
	(void)state;
	busy(1, 5);
	apply();
	fake->no_memory = true;
	fake_run(fake, SECOND_NS);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_true(a.patch.enabled);
	assert_int_equal(fake->tasks[0].nudges, 2); /* in the passes 4 and 5 */
	fake->no_memory = false;
}

static void a_task_that_stays_behind_is_nudged(void **state)
{
	uint64_t wait_ns;
	int i;

	(void)state;
	busy(1, FOREVER_BUSY);
	apply();
	wait_ns = lp_core_pass(core);
	for (i = 1; i < LP_NUDGE_AFTER; i++)
		wait_ns = next_pass(wait_ns);
	assert_int_equal(fake->tasks[0].nudges, 0);
	busy(2, FOREVER_BUSY); /* too late: it has switched */
	wait_ns = next_pass(wait_ns);
	assert_int_equal(fake->tasks[0].nudges, 1);
	assert_int_equal(fake_count(fake, LP_EVENT_NUDGE), 1);
	next_pass(wait_ns);
	assert_int_equal(fake->tasks[0].nudges, 2);
	assert_int_equal(fake->tasks[1].nudges, 0);
	finish();
}

static void a_task_that_comes_late_has_its_own_patience(void **state)
{
	uint64_t wait_ns;
	int i;

	(void)state;
	busy(1, FOREVER_BUSY);
	apply();
	wait_ns = lp_core_pass(core);
	for (i = 0; i < 5; i++)
		wait_ns = next_pass(wait_ns);
	grow(4);
	busy(4, FOREVER_BUSY);
	for (i = 0; i < LP_NUDGE_AFTER; i++)
		wait_ns = next_pass(wait_ns);
	assert_int_equal(fake->tasks[3].nudges, 0);
	next_pass(wait_ns);
	assert_int_equal(fake->tasks[3].nudges, 1);
	finish();
}

static void a_list_that_fails_is_tried_again(void **state)
{
	(void)state;
	apply();
	fake->listing_error = -ENOMEM;
	assert_int_equal(lp_core_pass(core), MS);
	assert_int_equal(next_pass(MS), 2 * MS);
	assert_int_equal(tr->passes, 0);
	assert_int_equal(tr->phase, LP_PHASE_SWITCH);
	fake->listing_error = 0;
	assert_int_equal(next_pass(2 * MS), LP_FOREVER_NS);
	assert_true(a.patch.enabled);
}

static void reverse_starts_the_intervals_anew(void **state)
{
	uint64_t wait_ns;
	int i;

	(void)state;
	busy(1, FOREVER_BUSY);
	fake->tasks[1].busy[LP_UNPATCHED] = FOREVER_BUSY;
	apply();
	wait_ns = lp_core_pass(core);
	for (i = 0; i < 6; i++)
		wait_ns = next_pass(wait_ns);
	assert_int_equal(wait_ns, 64 * MS);
	assert_int_equal(lp_core_reverse(core, &fake->report), 0);
	assert_true(lp_list_empty(&tr->blockers));
	assert_int_equal(lp_core_pass(core), MS); /* at once, and soon again */
	assert_null(blocker(1));
	assert_int_equal(blocker(2)->tries, 1);
	assert_int_equal(fake->tasks[1].nudges, 0);
	finish();
	assert_false(a.patch.enabled);
}

static void reverse_drops_the_pass_under_way(void **state)
{
	(void)state;
	grow(30);
	fake->try_cost_ns = MS;
	apply();
	assert_int_equal(lp_core_pass(core), 0);
	assert_int_equal(lp_core_reverse(core, &fake->report), 0);
	assert_int_equal(lp_core_pass(core), 0);
	assert_int_equal(fake->listings, 2);
	assert_int_equal(fake->tasks[0].tries, 2); /* from the beginning */
	fake_run(fake, SECOND_NS);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_false(a.patch.enabled);
}

static void force_in_the_middle_of_a_pass(void **state)
{
	(void)state;
	grow(30);
	fake->try_cost_ns = MS;
	apply();
	assert_int_equal(lp_core_pass(core), 0);
	assert_int_equal(lp_core_force(core, &fake->report), 0);
	assert_int_equal(lp_core_pass(core), LP_FOREVER_NS);
	assert_true(a.patch.enabled && a.patch.forced);
	assert_int_equal(tr->n_switched, 30);
}

static void an_incomplete_redirect_is_a_blocker(void **state)
{
	(void)state;
	fake->redirect_again = 3;
	apply();
	assert_int_equal(lp_core_pass(core), MS);
	assert_int_equal(next_pass(MS), 2 * MS);
	assert_int_equal(tr->phase, LP_PHASE_REDIRECT);
	assert_non_null(blocker(0));
	assert_int_equal(blocker(0)->tries, 2);
	assert_int_equal(blocker(0)->verdict.blocking, LP_BLOCKING_IN_ENTRY);
	assert_int_equal(fake->listings, 0);
	assert_int_equal(next_pass(2 * MS), 4 * MS);
	busy(1, FOREVER_BUSY);
	assert_int_equal(next_pass(4 * MS), MS); /* redirected: soon again */
	assert_null(blocker(0));
	assert_int_equal(blocker(1)->tries, 1);
	finish();
}

static void ten_thousand_blockers(void **state)
{
	unsigned int i;

	(void)state;
	grow(10000);
	for (i = 1; i <= 10000; i++)
		busy(i, 3);
	apply();
	lp_core_pass(core);
	assert_int_equal(fake->allocated, 10000 + 1);
	fake_run(fake, SECOND_NS);
	assert_int_equal(tr->phase, LP_PHASE_IDLE);
	assert_int_equal(fake->allocated, 1);
	assert_int_equal(fake_count(fake, LP_EVENT_SWITCH), 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_pass_stops_when_its_time_is_up),
		TEST(a_pass_always_tries_one_task),
		TEST(passes_come_at_longer_and_longer_intervals),
		TEST(a_call_too_early_does_nothing),
		TEST(complete_needs_one_pass_without_anyone_busy),
		TEST(a_busy_task_early_in_a_long_pass_counts),
		TEST(gone_tasks_are_not_counted),
		TEST(no_task_at_all_is_complete),
		TEST(blockers_tell_who_why_and_since_when),
		TEST(a_blocker_no_longer_listed_is_forgotten),
		TEST(without_memory_there_are_no_blockers_but_all_else),
		TEST(a_task_that_stays_behind_is_nudged),
		TEST(a_task_that_comes_late_has_its_own_patience),
		TEST(a_list_that_fails_is_tried_again),
		TEST(reverse_starts_the_intervals_anew),
		TEST(reverse_drops_the_pass_under_way),
		TEST(force_in_the_middle_of_a_pass),
		TEST(an_incomplete_redirect_is_a_blocker),
		TEST(ten_thousand_blockers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
