/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* States: versions, what may not go, shadow variables, and what a callback can ask. */
#include "core_life.h"

static struct fake *fake;
static struct full a, b;

static int setup(void **state)
{
	(void)state;
	fake = life_create(2);
	full_init(&a, "a", "fg", 0, "12");
	full_init(&b, "b", "gh", 0, "23");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	life_destroy(fake);
	return 0;
}

static int apply(struct full *full)
{
	return lp_core_apply(&fake->core, &full->sample.patch, NULL, &fake->report);
}

static void run(void)
{
	fake_run(fake, 10 * SECOND_NS);
	assert_int_equal(fake->core.transition.phase, LP_PHASE_IDLE);
}

static void apply_all(struct full *full)
{
	assert_int_equal(apply(full), 0);
	run();
	life_story(fake);
}

static void start_b(void)
{
	apply_all(&a);
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(apply(&b), 0);
	fake_run(fake, 10);
	life_story(fake);
}

static void refused(int error, const char *reasons)
{
	assert_int_equal(error, -ECANCELED);
	assert_string_equal(fake_refusals(fake), reasons);
	assert_string_equal(life_story(fake), "");
}

static void take_over_needs_the_version(void **state)
{
	(void)state;
	a.states[1].version = 5;
	apply_all(&a);
	b.states[0].version = 4;
	refused(apply(&b), "state-version(a,2)");
	b.states[0].version = 5;
	apply_all(&b);
	assert_false(a.sample.patch.enabled);
}

/* All at once: a newer state, one that must stay, not replaceable, a requirement, a conflict. */
static void all_reasons_at_once(void **state)
{
	static const char *const nobody[] = { "nobody" };
	struct full c;

	(void)state;
	full_init(&c, "c", "x", 7, "");
	a.states[0].block_disable = true;
	a.states[1].version = 5;
	a.sample.patch.replaceable = false;
	apply_all(&a);
	apply_all(&c);
	full_init(&b, "b", "gx", 0, "23");
	b.sample.patch.requires = nobody;
	b.sample.patch.n_requires = 1;
	refused(apply(&b), "not-replaceable(a) state-version(a,2) block-disable(a,1) "
			   "conflict-function(c,:x) missing-requirement(nobody)");
}

static void block_disable_forbids_disable(void **state)
{
	(void)state;
	a.states[0].block_disable = a.states[1].block_disable = true;
	apply_all(&a);
	refused(lp_core_disable(&fake->core, "a", NULL, &fake->report),
		"block-disable(a,1) block-disable(a,2)");
}

static void block_disable_allows_who_takes_over(void **state)
{
	(void)state;
	a.states[1].block_disable = true;
	apply_all(&a);
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(apply(&b), 0);
	fake_run(fake, 10);
	/* the way back leads to a patch that has it too */
	assert_int_equal(lp_core_reverse(&fake->core, &fake->report), 0);
	life_stall(fake, LP_PATCHED, false);
	run();
	apply_all(&b);
	/* and b does not say it: it is its word now */
	fake_disable(fake, "b");
}

static void block_disable_forbids_reverse(void **state)
{
	(void)state;
	b.states[1].block_disable = true;
	start_b();
	refused(lp_core_reverse(&fake->core, &fake->report), "block-disable(b,3)");
	assert_int_equal(fake->core.transition.target, LP_PATCHED);
	life_stall(fake, LP_PATCHED, false);
	run();
	assert_true(b.sample.patch.enabled);
}

/* Before the redirect as well: its pre_patch has run. */
static void block_disable_forbids_abandon(void **state)
{
	(void)state;
	b.states[1].block_disable = true;
	apply_all(&a);
	fake->redirect_again = 3;
	assert_int_equal(apply(&b), 0);
	life_story(fake);
	refused(lp_core_reverse(&fake->core, &fake->report), "block-disable(b,3)");
	run();
	assert_true(b.sample.patch.enabled);
}

static void block_disable_forbids_undo(void **state)
{
	(void)state;
	b.states[1].block_disable = true;
	apply_all(&a);
	apply_all(&b);
	refused(lp_core_undo(&fake->core, NULL, &fake->report), "block-disable(b,3)");
}

static void a_deadline_does_not_reverse_it(void **state)
{
	struct lp_apply_options options = { .deadline = { SECOND_NS, LP_TIMEOUT_REVERSE } };

	(void)state;
	a.states[0].block_disable = true;
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(lp_core_apply(&fake->core, &a.sample.patch, &options, &fake->report), 0);
	fake_run(fake, 5 * SECOND_NS);
	assert_true(fake->core.transition.timed_out);
	assert_int_equal(fake->core.transition.target, LP_PATCHED);
	assert_int_equal(fake->core.transition.on_timeout, LP_TIMEOUT_LEAVE);
	life_stall(fake, LP_PATCHED, false);
	run();
	assert_true(a.sample.patch.enabled);
}

static void shadow_variables_go_last(void **state)
{
	(void)state;
	a.states[0].is_shadow = true;
	apply_all(&a);
	apply_all(&b); /* drops 1 */
	assert_int_equal(life_of(fake)->shadow_frees, 1);
	fake_disable(fake, "b");
	assert_int_equal(life_of(fake)->shadow_frees, 1);
	a.states[1].is_shadow = true;
	life_story(fake);
	assert_int_equal(lp_core_forget(&fake->core), 0);
	apply_all(&a);
	fake_disable(fake, "a");
	assert_string_equal(life_story(fake),
			    "pre_unpatch:a/1 pre_unpatch:a/2 disable:a redirected:a complete:a "
			    "post_unpatch:a/1 shadow-free:a/1 post_unpatch:a/2 shadow-free:a/2 "
			    "disabled:a");
}

/* Also without any callback, and also when a pre_patch made some and then failed. */
static void shadow_variables_of_a_refused_patch_go(void **state)
{
	(void)state;
	a.states[0].is_shadow = a.states[1].is_shadow = true;
	a.states[0].callbacks = 0;
	life_of(fake)->refuse = "a/2";
	assert_int_equal(apply(&a), -ECANCELED);
	fake->report.total = 0;
	assert_string_equal(life_story(fake), "pre_patch:a/2 callback-failed:a/2 shadow-free:a/2 "
					      "shadow-free:a/1");
}

static void shadow_variables_stay_after_a_force(void **state)
{
	(void)state;
	a.states[0].is_shadow = true;
	start_b();
	assert_int_equal(lp_core_force(&fake->core, &fake->report), 0);
	life_stall(fake, LP_PATCHED, false);
	assert_int_equal(life_of(fake)->shadow_frees, 0);
	assert_true(a.sample.patch.pinned);
}

/* What a callback sees. */

static struct {
	unsigned int calls;
	bool prev_1, prev_2, prev_3, complete;
	enum lp_callback which;
} seen;

static void look(struct fake *host, struct lp_patch *patch, const struct lp_callback_call *call)
{
	seen.calls++;
	seen.which = call->which;
	seen.prev_1 = lp_state_get_prev(&host->core, 1);
	seen.prev_2 = lp_state_get_prev(&host->core, 2);
	seen.prev_3 = lp_state_get_prev(&host->core, 3);
	seen.complete = lp_patch_is_complete(&host->core, patch);
	if (call->state)
		assert_ptr_equal(lp_state_get(&host->core, patch, call->state->id), call->state);
	assert_null(lp_state_get(&host->core, patch, 99));
}

static void prev_state_in_callbacks(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	life_of(fake)->ask = look;
	apply_all(&a);
	assert_int_equal(seen.calls, 4);
	assert_false(seen.prev_1 || seen.prev_2 || seen.prev_3);
	assert_int_equal(seen.which, LP_POST_PATCH);
	assert_true(seen.complete);
	assert_null(lp_state_get_prev(&fake->core, 2)); /* no transition */
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(apply(&b), 0);
	assert_int_equal(seen.which, LP_PRE_UNPATCH);
	assert_true(seen.prev_1 && seen.prev_2 && !seen.prev_3);
	assert_ptr_equal(lp_state_get_prev(&fake->core, 2), &a.states[1]);
	fake_run(fake, 10);
	assert_int_equal(lp_core_reverse(&fake->core, &fake->report), 0);
	run(); /* the last one: post_unpatch of b/3, which tells a reverse from a disable */
	assert_int_equal(seen.which, LP_POST_UNPATCH);
	assert_true(seen.prev_1 && seen.prev_2 && !seen.prev_3);
	assert_false(seen.complete);
	life_stall(fake, LP_PATCHED, false);
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), 0);
	assert_false(seen.prev_1 || seen.prev_2 || seen.prev_3);
	run();
	assert_false(seen.prev_1 || seen.prev_2 || seen.prev_3);
}

static void complete_means_complete(void **state)
{
	struct lp_core *core = &fake->core;

	(void)state;
	assert_false(lp_patch_is_complete(core, &a.sample.patch));
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(apply(&a), 0);
	assert_false(lp_patch_is_complete(core, &a.sample.patch));
	fake_run(fake, SECOND_NS);
	assert_false(lp_patch_is_complete(core, &a.sample.patch));
	life_stall(fake, LP_PATCHED, false);
	run();
	assert_true(lp_patch_is_complete(core, &a.sample.patch));
	/* a question changes nothing, and neither does a refusal */
	assert_int_equal(lp_core_check(core, &b.sample.patch, NULL, &fake->report), 0);
	assert_true(lp_patch_is_complete(core, &a.sample.patch));
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(apply(&b), 0);
	assert_false(lp_patch_is_complete(core, &b.sample.patch));
	life_stall(fake, LP_PATCHED, false);
	run();
	assert_true(lp_patch_is_complete(core, &b.sample.patch));
	assert_false(lp_patch_is_complete(core, &a.sample.patch));
}

/* Abandoned: the one that was to leave is the one that everybody runs. */
static void complete_when_abandoned(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	apply_all(&a);
	life_of(fake)->ask = look;
	fake->redirect_error = -EIO;
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), 0);
	assert_false(seen.complete); /* in pre_unpatch: what it undoes must not be made anew */
	assert_false(lp_patch_is_complete(&fake->core, &a.sample.patch));
	run();
	assert_int_equal(seen.which, LP_POST_PATCH);
	assert_true(seen.complete);
	assert_int_equal(apply(&b), 0);
	run();
	assert_int_equal(seen.which, LP_POST_UNPATCH);
	assert_false(seen.complete);
	fake->redirect_error = 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(take_over_needs_the_version),
		TEST(all_reasons_at_once),
		TEST(block_disable_forbids_disable),
		TEST(block_disable_allows_who_takes_over),
		TEST(block_disable_forbids_reverse),
		TEST(block_disable_forbids_abandon),
		TEST(block_disable_forbids_undo),
		TEST(a_deadline_does_not_reverse_it),
		TEST(shadow_variables_go_last),
		TEST(shadow_variables_of_a_refused_patch_go),
		TEST(shadow_variables_stay_after_a_force),
		TEST(prev_state_in_callbacks),
		TEST(complete_means_complete),
		TEST(complete_when_abandoned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
