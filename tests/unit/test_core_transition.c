/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Apply, disable, replace, reverse, force: what the host is told, when, and what is left. */
#include "core_host.h"

struct bench {
	struct fake *fake;
	struct lp_core *core;
	struct lp_report *report;
	struct sample a, b;
};

static int setup(void **state)
{
	static struct bench bench;

	memset(&bench, 0, sizeof(bench));
	bench.fake = fake_create(2);
	bench.core = &bench.fake->core;
	bench.report = &bench.fake->report;
	sample_init(&bench.a, "a", "fg", 1);
	sample_init(&bench.b, "b", "gh", 1);
	*state = &bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	fake_destroy(bench->fake);
	return 0;
}

/* Task 1 is busy for good on its way to the target; the transition stays in SWITCH. */
static void hold(struct bench *bench, enum lp_target target)
{
	bench->fake->tasks[0].busy[target] = FOREVER_BUSY;
	assert_int_equal(lp_core_pass(bench->core), LP_PASS_INTERVAL_MIN_NS);
	assert_int_equal(bench->core->transition.phase, LP_PHASE_SWITCH);
}

static void let_go(struct bench *bench)
{
	bench->fake->tasks[0].busy[LP_PATCHED] = 0;
	bench->fake->tasks[0].busy[LP_UNPATCHED] = 0;
}

static void assert_events(struct bench *bench, const char *events)
{
	assert_string_equal(fake_events(bench->fake), events);
	bench->fake->n_log = 0;
}

static void apply(struct bench *bench, struct sample *sample)
{
	assert_int_equal(lp_core_apply(bench->core, &sample->patch, NULL, bench->report), 0);
}

static void disable(struct bench *bench, const char *name)
{
	assert_int_equal(lp_core_disable(bench->core, name, NULL, bench->report), 0);
}

static void assert_idle(struct bench *bench)
{
	assert_int_equal(bench->core->transition.phase, LP_PHASE_IDLE);
	assert_int_equal(lp_core_pass(bench->core), LP_FOREVER_NS);
}

static void assert_settled(const struct lp_function *function, bool in)
{
	if (!in) {
		assert_null(function->site);
		return;
	}
	assert_non_null(function->site);
	assert_ptr_equal(function->site->current, function);
	assert_ptr_equal(function->site->next, function);
}

static void assert_enabled(const struct sample *sample, bool enabled)
{
	unsigned int i;

	assert_int_equal(sample->patch.enabled, enabled);
	assert_false(sample->patch.in_transition);
	assert_false(sample->patch.leaving);
	for (i = 0; i < sample->patch.n_functions; i++)
		assert_settled(&sample->functions[i], enabled);
}

static void apply_prepares_and_the_first_pass_redirects(void **state)
{
	struct bench *bench = *state;
	struct lp_transition *tr = &bench->core->transition;

	apply(bench, &bench->a);
	assert_true(bench->fake->prepared);
	assert_false(bench->fake->redirected);
	assert_int_equal(tr->phase, LP_PHASE_REDIRECT);
	assert_int_equal(tr->epoch, 1);
	assert_true(bench->a.patch.enabled && bench->a.patch.in_transition);
	assert_int_equal(bench->fake->sites_open, 2);
	assert_null(bench->a.functions[0].site->current);
	assert_ptr_equal(bench->a.functions[0].site->next, &bench->a.functions[0]);
	assert_events(bench, "apply:a");
	hold(bench, LP_PATCHED);
	assert_events(bench, "redirected:a switch:a/2");
	let_go(bench);
	fake_run(bench->fake, SECOND_NS);
	assert_events(bench, "switch:a/1 complete:a enabled:a");
	assert_idle(bench);
	assert_enabled(&bench->a, true);
	assert_int_equal(bench->fake->settles, 1);
}

static void disable_gives_everything_back(void **state)
{
	struct bench *bench = *state;

	fake_apply(bench->fake, &bench->a.patch);
	bench->fake->n_log = 0;
	disable(bench, "a");
	assert_int_equal(bench->core->transition.epoch, 2);
	assert_true(bench->a.patch.leaving && bench->a.patch.in_transition);
	fake_run(bench->fake, SECOND_NS);
	assert_events(bench, "disable:a redirected:a switch:a/1 switch:a/2 complete:a disabled:a");
	assert_enabled(&bench->a, false);
	assert_ptr_equal(bench->fake->released[0], &bench->a.patch);
	assert_int_equal(bench->fake->n_released, 1);
	assert_int_equal(bench->fake->sites_open, 0);
	assert_null(lp_core_find(bench->core, "a"));
}

static void replace_is_one_transition_with_nops(void **state)
{
	struct bench *bench = *state;
	struct lp_site *f, *g;

	fake_apply(bench->fake, &bench->a.patch);
	f = bench->a.functions[0].site;
	g = bench->a.functions[1].site;
	bench->fake->n_log = 0;
	apply(bench, &bench->b);
	assert_ptr_equal(f->current, &bench->a.functions[0]);
	assert_null(f->next);
	assert_ptr_equal(g->current, &bench->a.functions[1]);
	assert_ptr_equal(g->next, &bench->b.functions[0]);
	assert_ptr_equal(bench->b.functions[0].site, g);
	assert_int_equal(bench->fake->sites_open, 3);
	fake_run(bench->fake, SECOND_NS);
	assert_events(bench, "apply:b replace:a redirected:b switch:b/1 switch:b/2 complete:b "
			     "disabled:a enabled:b");
	assert_enabled(&bench->a, false);
	assert_enabled(&bench->b, true);
	assert_ptr_equal(g->first, &bench->b.functions[0]); /* the patch of the old name is gone */
	assert_int_equal(bench->fake->sites_open, 2);
	assert_int_equal(bench->fake->n_released, 1);
}

static void a_newer_patch_of_the_same_name(void **state)
{
	struct bench *bench = *state;

	fake_apply(bench->fake, &bench->a.patch);
	bench->b.patch.name = "a";
	apply(bench, &bench->b);
	assert_ptr_equal(lp_core_find(bench->core, "a"), &bench->b.patch);
	hold(bench, LP_PATCHED);
	assert_int_equal(lp_core_reverse(bench->core, bench->report), 0);
	fake_run(bench->fake, SECOND_NS);
	assert_ptr_equal(lp_core_find(bench->core, "a"), &bench->a.patch);
	assert_enabled(&bench->a, true);
	assert_enabled(&bench->b, false);
}

static void several_patches_are_replaced_at_once(void **state)
{
	struct bench *bench = *state;
	struct sample c;

	sample_init(&bench->b, "b", "h", 2);
	sample_init(&c, "c", "x", 3);
	c.patch.replace = true;
	bench->a.patch.replaceable = false;
	fake_apply(bench->fake, &bench->a.patch);
	fake_apply(bench->fake, &bench->b.patch);
	bench->fake->n_log = 0;
	assert_int_equal(lp_core_apply(bench->core, &c.patch,
				       &(struct lp_apply_options){ .override = true },
				       bench->report),
			 0);
	fake_run(bench->fake, SECOND_NS);
	assert_events(bench, "apply:c override:a replace:a replace:b redirected:c switch:c/1 "
			     "switch:c/2 complete:c disabled:a disabled:b enabled:c");
	assert_int_equal(bench->fake->n_released, 2);
	assert_int_equal(bench->fake->sites_open, 1);
	fake_disable(bench->fake, "c");
}

static void one_transition_at_a_time(void **state)
{
	struct bench *bench = *state;
	struct lp_core before;

	apply(bench, &bench->a);
	before = *bench->core;
	assert_int_equal(lp_core_apply(bench->core, &bench->b.patch, NULL, bench->report), -EBUSY);
	assert_string_equal(fake_refusals(bench->fake), "busy-transition(a)");
	assert_int_equal(lp_core_disable(bench->core, "a", NULL, bench->report), -EBUSY);
	assert_string_equal(fake_refusals(bench->fake), "busy-transition(a)");
	assert_memory_equal(&before, bench->core, sizeof(before));
	assert_false(bench->b.patch.enabled);
	fake_run(bench->fake, SECOND_NS);
}

static void requests_without_a_transition(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(lp_core_reverse(bench->core, bench->report), -ENOENT);
	assert_string_equal(fake_refusals(bench->fake), "no-transition()");
	assert_int_equal(lp_core_force(bench->core, bench->report), -ENOENT);
	assert_string_equal(fake_refusals(bench->fake), "no-transition()");
	assert_int_equal(lp_core_disable(bench->core, "a", NULL, bench->report), -ENOENT);
	assert_string_equal(fake_refusals(bench->fake), "no-such-patch(a)");
	assert_idle(bench);
}

static void reverse_of_an_apply(void **state)
{
	struct bench *bench = *state;

	fake_apply(bench->fake, &bench->a.patch);
	apply(bench, &bench->b);
	hold(bench, LP_PATCHED);
	bench->fake->n_log = 0;
	assert_int_equal(lp_core_reverse(bench->core, bench->report), 0);
	assert_int_equal(bench->core->transition.target, LP_UNPATCHED);
	assert_int_equal(bench->core->transition.epoch, 2);
	assert_true(bench->core->transition.reversed);
	assert_int_equal(bench->fake->targets, 1);
	fake_run(bench->fake, SECOND_NS);
	assert_events(bench, "reverse:b switch:b/1 switch:b/2 complete:b disabled:b");
	assert_enabled(&bench->a, true);
	assert_enabled(&bench->b, false);
	assert_ptr_equal(bench->fake->released[0], &bench->b.patch);
	assert_int_equal(bench->fake->n_released, 1);
	assert_int_equal(bench->fake->sites_open, 2);
	assert_false(bench->b.patch.pinned || bench->b.patch.forced);
}

static void reverse_of_a_disable(void **state)
{
	struct bench *bench = *state;

	fake_apply(bench->fake, &bench->a.patch);
	disable(bench, "a");
	hold(bench, LP_PATCHED);
	bench->fake->n_log = 0;
	assert_int_equal(lp_core_reverse(bench->core, bench->report), 0);
	fake_run(bench->fake, SECOND_NS);
	assert_events(bench, "reverse:a switch:a/1 switch:a/2 complete:a enabled:a");
	assert_enabled(&bench->a, true);
	assert_int_equal(bench->fake->n_released, 0);
	let_go(bench);
	fake_disable(bench->fake, "a");
}

static void reverse_twice_goes_on(void **state)
{
	struct bench *bench = *state;

	apply(bench, &bench->a);
	hold(bench, LP_PATCHED);
	bench->fake->tasks[1].busy[LP_UNPATCHED] = FOREVER_BUSY; /* it is patched already */
	assert_int_equal(lp_core_reverse(bench->core, bench->report), 0);
	assert_int_equal(lp_core_pass(bench->core), LP_PASS_INTERVAL_MIN_NS);
	assert_int_equal(lp_core_reverse(bench->core, bench->report), 0);
	assert_false(bench->core->transition.reversed);
	assert_int_equal(bench->core->transition.target, LP_PATCHED);
	assert_int_equal(bench->core->transition.epoch, 1);
	let_go(bench);
	fake_run(bench->fake, SECOND_NS);
	assert_enabled(&bench->a, true);
	assert_int_equal(bench->fake->targets, 2);
}

static void a_reverse_that_fails_changes_nothing(void **state)
{
	struct bench *bench = *state;
	struct lp_core before;

	apply(bench, &bench->a);
	hold(bench, LP_PATCHED);
	bench->fake->n_log = 0;
	bench->fake->target_error = -ENOMEM;
	before = *bench->core;
	assert_int_equal(lp_core_reverse(bench->core, bench->report), -ENOMEM);
	assert_memory_equal(&before, bench->core, sizeof(before));
	assert_string_equal(fake_refusals(bench->fake), "no-memory(a)");
	bench->fake->target_error = -EOVERFLOW;
	assert_int_equal(lp_core_reverse(bench->core, bench->report), -EOVERFLOW);
	assert_string_equal(fake_refusals(bench->fake), "system(a)");
	assert_events(bench, "");
	let_go(bench);
	fake_run(bench->fake, SECOND_NS);
	assert_enabled(&bench->a, true);
}

static void reverse_before_the_redirect_abandons(void **state)
{
	struct bench *bench = *state;

	fake_apply(bench->fake, &bench->a.patch);
	bench->fake->n_log = 0;
	apply(bench, &bench->b);
	assert_int_equal(lp_core_reverse(bench->core, bench->report), 0);
	assert_events(bench, "apply:b replace:a reverse:b abandon:b");
	assert_int_equal(bench->fake->abandons, 1);
	assert_ptr_equal(bench->fake->released[0], &bench->b.patch);
	assert_idle(bench);
	assert_enabled(&bench->a, true);
	assert_enabled(&bench->b, false);
	disable(bench, "a");
	assert_int_equal(lp_core_reverse(bench->core, bench->report), 0);
	assert_enabled(&bench->a, true);
	assert_int_equal(bench->fake->n_released, 1);
	assert_events(bench, "disable:a reverse:a abandon:a");
}

static void a_failed_redirect_abandons(void **state)
{
	struct bench *bench = *state;

	fake_apply(bench->fake, &bench->a.patch);
	bench->fake->redirect_error = -EIO;
	bench->fake->n_log = 0;
	apply(bench, &bench->b);
	assert_int_equal(lp_core_pass(bench->core), LP_FOREVER_NS);
	assert_events(bench, "apply:b replace:a abandon:b");
	assert_ptr_equal(bench->fake->released[0], &bench->b.patch);
	assert_enabled(&bench->a, true);
	disable(bench, "a");
	assert_int_equal(lp_core_pass(bench->core), LP_FOREVER_NS);
	assert_events(bench, "disable:a abandon:a");
	assert_enabled(&bench->a, true);
	assert_int_equal(bench->fake->n_released, 1);
}

static void force_forward(void **state)
{
	struct bench *bench = *state;

	fake_apply(bench->fake, &bench->a.patch);
	apply(bench, &bench->b);
	assert_int_equal(lp_core_force(bench->core, bench->report), -EAGAIN);
	hold(bench, LP_PATCHED);
	bench->fake->n_log = 0;
	assert_int_equal(lp_core_force(bench->core, bench->report), 0);
	assert_events(bench, "force:b complete:b disabled:a enabled:b");
	assert_idle(bench);
	assert_enabled(&bench->b, true);
	assert_true(bench->a.patch.forced && bench->a.patch.pinned);
	assert_true(bench->b.patch.forced);
	assert_false(bench->b.patch.pinned);
	assert_int_equal(lp_core_disable(bench->core, "b", NULL, bench->report), -ECANCELED);
	assert_string_equal(fake_refusals(bench->fake), "forced(b)");
}

static void force_of_a_disable(void **state)
{
	struct bench *bench = *state;

	fake_apply(bench->fake, &bench->a.patch);
	disable(bench, "a");
	hold(bench, LP_PATCHED);
	assert_int_equal(lp_core_force(bench->core, bench->report), 0);
	assert_enabled(&bench->a, false);
	assert_true(bench->a.patch.forced && bench->a.patch.pinned);
	assert_int_equal(bench->fake->n_released, 1);
}

static void force_on_the_way_back(void **state)
{
	struct bench *bench = *state;

	fake_apply(bench->fake, &bench->a.patch);
	apply(bench, &bench->b);
	hold(bench, LP_PATCHED);
	assert_int_equal(lp_core_reverse(bench->core, bench->report), 0);
	assert_int_equal(lp_core_force(bench->core, bench->report), 0);
	assert_enabled(&bench->a, true);
	assert_false(bench->a.patch.forced || bench->a.patch.pinned);
	assert_true(bench->b.patch.forced && bench->b.patch.pinned);
	assert_ptr_equal(bench->fake->released[0], &bench->b.patch);
}

static void force_back_of_a_disable(void **state)
{
	struct bench *bench = *state;

	fake_apply(bench->fake, &bench->a.patch);
	disable(bench, "a");
	hold(bench, LP_PATCHED);
	assert_int_equal(lp_core_reverse(bench->core, bench->report), 0);
	assert_int_equal(lp_core_force(bench->core, bench->report), 0);
	assert_enabled(&bench->a, true);
	assert_true(bench->a.patch.forced);
	assert_false(bench->a.patch.pinned);
}

static void force_that_cannot_list_the_tasks(void **state)
{
	struct bench *bench = *state;

	apply(bench, &bench->a);
	hold(bench, LP_PATCHED);
	bench->fake->listing_error = -ENOMEM;
	assert_int_equal(lp_core_force(bench->core, bench->report), -ENOMEM);
	assert_string_equal(fake_refusals(bench->fake), "no-memory(a)");
	assert_int_equal(bench->core->transition.phase, LP_PHASE_SWITCH);
	assert_false(bench->a.patch.forced);
	bench->fake->listing_error = 0;
	let_go(bench);
	fake_run(bench->fake, SECOND_NS);
	assert_enabled(&bench->a, true);
}

static void a_forced_patch_can_be_replaced(void **state)
{
	struct bench *bench = *state;

	apply(bench, &bench->a);
	hold(bench, LP_PATCHED);
	assert_int_equal(lp_core_force(bench->core, bench->report), 0);
	let_go(bench);
	fake_apply(bench->fake, &bench->b.patch);
	assert_enabled(&bench->b, true);
	assert_enabled(&bench->a, false);
	assert_false(bench->b.patch.forced);
}

static void two_scopes_do_not_touch_each_other(void **state)
{
	struct bench *bench = *state;
	struct lp_site *site;

	sample_init(&bench->b, "b", "h", 2);
	fake_apply(bench->fake, &bench->a.patch);
	apply(bench, &bench->b);
	lp_list_for_each(site, &bench->core->transition.sites, transition_link)
		assert_ptr_equal(site->next, &bench->b.functions[0]);
	fake_run(bench->fake, SECOND_NS);
	fake_disable(bench->fake, "a");
	assert_enabled(&bench->a, false);
	assert_enabled(&bench->b, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(apply_prepares_and_the_first_pass_redirects),
		TEST(disable_gives_everything_back),
		TEST(replace_is_one_transition_with_nops),
		TEST(a_newer_patch_of_the_same_name),
		TEST(several_patches_are_replaced_at_once),
		TEST(one_transition_at_a_time),
		TEST(requests_without_a_transition),
		TEST(reverse_of_an_apply),
		TEST(reverse_of_a_disable),
		TEST(reverse_twice_goes_on),
		TEST(a_reverse_that_fails_changes_nothing),
		TEST(reverse_before_the_redirect_abandons),
		TEST(a_failed_redirect_abandons),
		TEST(force_forward),
		TEST(force_of_a_disable),
		TEST(force_on_the_way_back),
		TEST(force_back_of_a_disable),
		TEST(force_that_cannot_list_the_tasks),
		TEST(a_forced_patch_can_be_replaced),
		TEST(two_scopes_do_not_touch_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
