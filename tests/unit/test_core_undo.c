/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Undo: what was replaced comes back together, chains, and what is kept for how long. */
#include "core_undo.h"

static void nothing_to_undo(void **state)
{
	(void)state;
	refused("nothing-to-undo()");
	apply(&a);
	refused("nothing-to-undo()");
	assert_null(lp_core_undo_list(&fake->core));
}

static void several_come_back_together(void **state)
{
	(void)state;
	replace_both();
	assert_string_equal(listed(), "c a b");
	assert_int_equal(fake->n_released, 0);
	undo();
	assert_string_equal(life_story(fake), "undo:c return:a return:b redirected:c complete:c "
					      "disabled:c enabled:a enabled:b");
	assert_string_equal(enabled(), "a b");
	assert_int_equal(fake->settles, 4); /* one transition for all */
	assert_int_equal(fake->n_released, 1);
	assert_ptr_equal(fake->released[0], &c.sample.patch);
	assert_int_equal(fake->sites_open, 4);
	assert_null(lp_core_undo_list(&fake->core));
	fake_disable(fake, "a");
	fake_disable(fake, "b");
	assert_int_equal(fake->n_released, 3);
}

/* f of c goes to f of a, x to the original, and g, h, i are new sites. */
static void undo_is_one_switch(void **state)
{
	struct lp_site *site;
	unsigned int n = 0, nops = 0;

	(void)state;
	replace_both();
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), 0);
	lp_list_for_each(site, &fake->core.transition.sites, transition_link) {
		n++;
		nops += !site->next;
		if (site->next && site->current)
			assert_ptr_equal(site->next, &a.sample.functions[0]);
	}
	assert_int_equal(n, 5);
	assert_int_equal(nops, 1);
	assert_true(fake->core.transition.undoing);
	assert_null(lp_core_undo_list(&fake->core));
	life_stall(fake, LP_PATCHED, false);
	run();
	assert_string_equal(enabled(), "a b");
}

static void a_chain_goes_all_the_way_back(void **state)
{
	(void)state;
	chain_init();
	apply(&a);
	apply(&b);
	apply(&c);
	assert_int_equal(fake->core.n_undo, 2);
	assert_string_equal(listed(), "c b");
	undo();
	assert_string_equal(enabled(), "b");
	assert_string_equal(listed(), "b a");
	undo();
	assert_string_equal(enabled(), "a");
	life_story(fake);
	refused("nothing-to-undo()");
	assert_int_equal(fake->n_released, 2);
	/* and on from there */
	chain_init();
	apply(&d);
	assert_string_equal(listed(), "d a");
}

static void an_apply_that_replaces_nothing_leaves_it(void **state)
{
	(void)state;
	full_init(&c, "c", "fx", 1, "");
	apply(&a);
	apply(&c);
	apply(&d);
	assert_string_equal(listed(), "c a");
	undo();
	assert_string_equal(enabled(), "d a");
}

static void the_depth_is_bounded(void **state)
{
	(void)state;
	chain_init();
	assert_int_equal(lp_core_set_undo_depth(&fake->core, 2), 0);
	apply(&a);
	apply(&b);
	apply(&c);
	assert_int_equal(start(&d), 0);
	run();
	assert_string_equal(life_story(fake),
			    "apply:d replace:c redirected:d complete:d disabled:c "
			    "keep:c forget:a enabled:d");
	assert_int_equal(fake->core.n_undo, 2);
	assert_int_equal(fake->n_released, 1);
	assert_ptr_equal(fake->released[0], &a.sample.patch);
	/* down to one: b goes; c can come back, but is no way to b any more */
	assert_int_equal(lp_core_set_undo_depth(&fake->core, 1), 0);
	assert_ptr_equal(fake->released[1], &b.sample.patch);
	undo();
	assert_string_equal(enabled(), "c");
	life_story(fake);
	refused("nothing-to-undo()");
}

static void no_depth_is_no_undo(void **state)
{
	(void)state;
	chain_init();
	assert_int_equal(lp_core_set_undo_depth(&fake->core, 0), 0);
	apply(&a);
	apply(&b);
	assert_int_equal(life_of(fake)->n_kept, 0);
	assert_int_equal(fake->n_released, 1);
	refused("nothing-to-undo()");
}

/* b does not come back, and so nothing leads to a any more. */
static void no_undo_is_an_option(void **state)
{
	struct lp_apply_options options = { .no_undo = true };

	(void)state;
	chain_init();
	apply(&a);
	apply(&b);
	assert_int_equal(lp_core_apply(&fake->core, &c.sample.patch, &options, &fake->report), 0);
	run();
	assert_string_equal(life_story(fake),
			    "apply:c replace:b redirected:c complete:c disabled:b "
			    "forget:a enabled:c");
	assert_int_equal(fake->n_released, 2);
	assert_int_equal(fake->core.n_undo, 0);
	refused("nothing-to-undo()");
}

static void a_disable_forgets(void **state)
{
	(void)state;
	chain_init();
	apply(&a);
	apply(&b);
	apply(&c);
	fake_disable(fake, "c");
	assert_string_equal(life_story(fake),
			    "disable:c redirected:c complete:c disabled:c forget:b "
			    "forget:a");
	assert_int_equal(fake->n_released, 3);
	refused("nothing-to-undo()");
}

static void forget_on_request(void **state)
{
	(void)state;
	replace_both();
	assert_int_equal(lp_core_forget(&fake->core), 0);
	assert_string_equal(life_story(fake), "forget:a forget:b");
	assert_int_equal(fake->n_released, 2);
	refused("nothing-to-undo()");
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(start(&d), 0);
	assert_int_equal(lp_core_forget(&fake->core), -EBUSY);
	assert_int_equal(lp_core_set_undo_depth(&fake->core, 1), -EBUSY);
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), -EBUSY);
	assert_string_equal(fake_refusals(fake), "busy-transition(d)");
	life_stall(fake, LP_PATCHED, false);
	run();
}

/* Turned around: everything is as before, and undo is possible again. */
static void an_undo_can_be_reversed(void **state)
{
	(void)state;
	replace_both();
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), 0);
	fake_run(fake, 10);
	life_story(fake);
	assert_int_equal(lp_core_reverse(&fake->core, &fake->report), 0);
	run();
	assert_string_equal(life_story(fake), "reverse:c complete:c enabled:c disabled:a keep:a "
					      "disabled:b keep:b");
	assert_string_equal(enabled(), "c");
	assert_string_equal(listed(), "c a b");
	assert_int_equal(fake->sites_open, 2);
	life_stall(fake, LP_PATCHED, false);
	undo();
	assert_string_equal(enabled(), "a b");
}

static void an_undo_can_be_abandoned(void **state)
{
	(void)state;
	replace_both();
	fake->redirect_error = -EIO;
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), 0);
	run();
	assert_string_equal(life_story(fake), "undo:c return:a return:b abandon:c keep:a keep:b");
	assert_string_equal(enabled(), "c");
	assert_string_equal(listed(), "c a b");
	fake->redirect_error = 0;
	undo();
	assert_string_equal(enabled(), "a b");
}

/* The callbacks are those of a replace by the old ones. */
static void callbacks_of_an_undo(void **state)
{
	(void)state;
	full_init(&a, "a", "fg", 1, "12");
	full_init(&c, "c", "fx", 1, "23");
	full_object(&a, NULL, "fg", true);
	full_object(&c, NULL, "fx", true);
	apply(&a);
	apply(&c);
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), 0);
	assert_string_equal(life_story(fake), "pre_patch:a/1 pre_patch:a/program pre_unpatch:c/3 "
					      "undo:c return:a");
	run();
	assert_string_equal(life_story(fake), "redirected:c complete:c post_patch:a/1 "
					      "post_patch:a/program post_unpatch:c/3 disabled:c "
					      "enabled:a");
	fake_disable(fake, "a");
}

static void a_forced_undo(void **state)
{
	(void)state;
	replace_both();
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), 0);
	fake_run(fake, 10);
	assert_int_equal(lp_core_force(&fake->core, &fake->report), 0);
	life_stall(fake, LP_PATCHED, false);
	assert_string_equal(enabled(), "a b");
	assert_true(c.sample.patch.pinned && c.sample.patch.forced);
	assert_true(a.sample.patch.forced && !a.sample.patch.pinned);
	assert_true(b.sample.patch.forced && !b.sample.patch.pinned);
}

static void a_forced_way_back_of_undo(void **state)
{
	(void)state;
	replace_both();
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), 0);
	fake_run(fake, 10);
	assert_int_equal(lp_core_reverse(&fake->core, &fake->report), 0);
	assert_int_equal(lp_core_force(&fake->core, &fake->report), 0);
	life_stall(fake, LP_PATCHED, false);
	life_story(fake);
	assert_string_equal(enabled(), "c");
	assert_true(a.sample.patch.pinned && b.sample.patch.pinned);
	assert_false(c.sample.patch.forced);
	refused("forced(a) forced(b)");
}

/* A host that cannot keep: as ever. */
static void hosts_without_undo(void **state)
{
	struct lp_host host = *fake->core.host;

	(void)state;
	host.patch_keep = NULL;
	fake->core.host = &host;
	replace_both();
	assert_int_equal(fake->n_released, 2);
	refused("nothing-to-undo()");
}

static bool undo_with_fault(long n)
{
	bool met;
	int error;

	setup(NULL);
	full_init(&a, "a", "fg", 1, "1");
	replace_both();
	fake->fail_at = n;
	error = lp_core_undo(&fake->core, NULL, &fake->report);
	if (error) {
		assert_true(fake->report.total > 0);
		assert_false(fake->prepared);
		assert_string_equal(enabled(), "c");
		assert_string_equal(listed(), "c a b");
		assert_int_equal(fake->sites_open, 2);
		assert_int_equal(fake->core.epoch, 3);
	}
	run();
	met = !fake->fail_at;
	fake->fail_at = 0;
	if (c.sample.patch.enabled)
		undo();
	assert_string_equal(enabled(), "a b");
	fake_disable(fake, "a");
	teardown(NULL);
	return met;
}

static void every_failure(void **state)
{
	long n = 1;

	(void)state;
	while (undo_with_fault(n))
		n++;
	assert_true(n > 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_to_undo),
		TEST(several_come_back_together),
		TEST(undo_is_one_switch),
		TEST(a_chain_goes_all_the_way_back),
		TEST(an_apply_that_replaces_nothing_leaves_it),
		TEST(the_depth_is_bounded),
		TEST(no_depth_is_no_undo),
		TEST(no_undo_is_an_option),
		TEST(a_disable_forgets),
		TEST(forget_on_request),
		TEST(an_undo_can_be_reversed),
		TEST(an_undo_can_be_abandoned),
		TEST(callbacks_of_an_undo),
		TEST(a_forced_undo),
		TEST(a_forced_way_back_of_undo),
		TEST(hosts_without_undo),
		cmocka_unit_test(every_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
