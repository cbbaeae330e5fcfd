/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Callbacks of states and objects: which, in which order, and what undoes them. */
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

/* with a enabled and the story of it told */
static void apply_a(void)
{
	assert_int_equal(apply(&a), 0);
	run();
	life_story(fake);
}

static void told(const char *story)
{
	assert_string_equal(life_story(fake), story);
}

static void apply_and_disable(void **state)
{
	(void)state;
	full_object(&a, NULL, "f", true);
	full_object(&a, "libx", "g", true);
	assert_int_equal(apply(&a), 0);
	told("pre_patch:a/1 pre_patch:a/2 pre_patch:a/program pre_patch:a/libx apply:a");
	run();
	told("redirected:a complete:a post_patch:a/1 post_patch:a/2 post_patch:a/program "
	     "post_patch:a/libx enabled:a");
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), 0);
	told("pre_unpatch:a/program pre_unpatch:a/libx pre_unpatch:a/1 pre_unpatch:a/2 disable:a");
	run();
	told("redirected:a complete:a post_unpatch:a/program post_unpatch:a/libx "
	     "post_unpatch:a/1 post_unpatch:a/2 disabled:a");
}

/* 1 is dropped, 2 taken over, 3 introduced. */
static void replace(void **state)
{
	(void)state;
	full_object(&a, NULL, "fg", true);
	full_object(&b, NULL, "gh", true);
	apply_a();
	assert_int_equal(apply(&b), 0);
	told("pre_patch:b/3 pre_patch:b/program pre_unpatch:a/1 apply:b replace:a");
	run();
	told("redirected:b complete:b post_patch:b/3 post_patch:b/program post_unpatch:a/1 "
	     "disabled:a keep:a enabled:b");
	/* the object callbacks of a are over and done with, as in the kernel */
	assert_int_equal(life_of(fake)->n_open, 0);
}

static void reverse_of_replace(void **state)
{
	(void)state;
	apply_a();
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(apply(&b), 0);
	fake_run(fake, 10);
	life_story(fake);
	assert_int_equal(lp_core_reverse(&fake->core, &fake->report), 0);
	told("reverse:b");
	run();
	told("complete:b post_patch:a/1 post_unpatch:b/3 disabled:b");
}

static void reverse_twice(void **state)
{
	(void)state;
	apply_a();
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(apply(&b), 0);
	fake_run(fake, 10);
	life_story(fake);
	assert_int_equal(lp_core_reverse(&fake->core, &fake->report), 0);
	assert_int_equal(lp_core_reverse(&fake->core, &fake->report), 0);
	life_stall(fake, LP_PATCHED, false);
	run();
	told("reverse:b reverse:b complete:b post_patch:b/3 post_unpatch:a/1 "
	     "disabled:a keep:a enabled:b");
}

static void reverse_of_disable(void **state)
{
	(void)state;
	full_object(&a, NULL, "fg", true);
	apply_a();
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), 0);
	fake_run(fake, 10);
	life_story(fake);
	assert_int_equal(lp_core_reverse(&fake->core, &fake->report), 0);
	run();
	told("reverse:a complete:a post_patch:a/1 post_patch:a/2 post_patch:a/program enabled:a");
}

/* Before the entries are written: abandoned, and the callbacks are undone all the same. */
static void reverse_of_redirect(void **state)
{
	(void)state;
	apply_a();
	fake->redirect_again = 1000;
	assert_int_equal(apply(&b), 0);
	fake_run(fake, 10);
	life_story(fake);
	assert_int_equal(lp_core_reverse(&fake->core, &fake->report), 0);
	told("reverse:b post_patch:a/1 post_unpatch:b/3 abandon:b");
	fake->redirect_again = 0;
	run();
	assert_true(a.sample.patch.enabled);
	assert_int_equal(fake->n_released, 1);
}

static void failed_redirect(void **state)
{
	(void)state;
	apply_a();
	fake->redirect_error = -EIO;
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), 0);
	run();
	fake->redirect_error = 0;
	told("pre_unpatch:a/1 pre_unpatch:a/2 disable:a post_patch:a/1 post_patch:a/2 abandon:a");
	assert_true(a.sample.patch.enabled);
}

static void force(void **state)
{
	(void)state;
	apply_a();
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(apply(&b), 0);
	fake_run(fake, 10);
	life_story(fake);
	assert_int_equal(lp_core_force(&fake->core, &fake->report), 0);
	told("force:b complete:b post_patch:b/3 post_unpatch:a/1 disabled:a keep:a enabled:b");
	life_stall(fake, LP_PATCHED, false);
}

/* A pre_patch that fails: those before it are undone, last first, and nothing else has changed. */
static void refused_by(const char *who, const char *story, const char *reason)
{
	uint64_t epoch = fake->core.epoch;

	life_of(fake)->refuse = who;
	assert_int_equal(apply(&b), -ECANCELED);
	told(story);
	assert_int_equal(fake->refusals[0].error, -EPERM);
	assert_string_equal(fake->refusals[0].callback, "pre_patch");
	assert_string_equal(fake_refusals(fake), reason);
	assert_int_equal(life_of(fake)->n_open, a.sample.patch.n_objects);
	assert_int_equal(fake->core.epoch, epoch);
	assert_int_equal(fake->core.transition.phase, LP_PHASE_IDLE);
	assert_int_equal(fake->n_released, 0);
	assert_false(fake->prepared);
	assert_false(b.sample.patch.enabled);
	assert_false(b.sample.patch.coming);
	assert_false(a.sample.patch.leaving);
	assert_false(a.sample.patch.in_transition);
}

static void refusals_undo_what_ran(void **state)
{
	(void)state;
	full_init(&b, "b", "gh", 0, "2345");
	full_object(&b, NULL, "g", true);
	full_object(&b, "libx", "h", true);
	b.objects[0].callbacks = EVERY_CALLBACK;
	apply_a();
	refused_by("b/3", "pre_patch:b/3 callback-failed:b/3", "callback-failed(b,3)");
	refused_by("b/4", "pre_patch:b/3 pre_patch:b/4 callback-failed:b/4 post_unpatch:b/3",
		   "callback-failed(b,4)");
	refused_by("b/program",
		   "pre_patch:b/3 pre_patch:b/4 pre_patch:b/5 pre_patch:b/program "
		   "callback-failed:b/program post_unpatch:b/5 post_unpatch:b/4 post_unpatch:b/3",
		   "callback-failed(b)");
	refused_by("b/libx",
		   "pre_patch:b/3 pre_patch:b/4 pre_patch:b/5 pre_patch:b/program "
		   "pre_patch:b/libx callback-failed:b/libx post_unpatch:b/program "
		   "post_unpatch:b/5 post_unpatch:b/4 post_unpatch:b/3",
		   "callback-failed(b)");
	life_of(fake)->refuse = NULL;
	assert_int_equal(apply(&b), 0);
	run();
	assert_true(b.sample.patch.enabled);
}

/* A positive answer is a failure too, and no success in disguise. */
static void a_positive_answer_refuses(void **state)
{
	(void)state;
	life_of(fake)->refuse = "a/1";
	life_of(fake)->refuse_error = 7;
	assert_int_equal(apply(&a), -ECANCELED);
	assert_int_equal(fake->refusals[0].error, -EINVAL);
	fake->report.total = 0;
}

/* As in the kernel: without a pre_patch there is none that could have failed. */
static void post_unpatch_alone(void **state)
{
	(void)state;
	a.states[0].callbacks = 1 << LP_PRE_UNPATCH | 1 << LP_POST_UNPATCH;
	a.states[1].callbacks = 1 << LP_POST_PATCH;
	a.sample.patch.n_states = 2;
	apply_a();
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), 0);
	run();
	told("pre_unpatch:a/1 disable:a redirected:a complete:a post_unpatch:a/1 disabled:a");
}

static void nobody_can_call(void **state)
{
	struct lp_host host = *fake->core.host;

	(void)state;
	host.callback = NULL;
	host.shadow_free_all = NULL;
	a.states[0].is_shadow = true;
	fake->core.host = &host;
	apply_a();
	fake_disable(fake, "a");
	told("disable:a redirected:a complete:a disabled:a");
}

/* The n-th fallible call fails; life_callback() checks that every pre_ has its post_. */
static bool odyssey(long n)
{
	bool met;

	setup(NULL);
	full_object(&a, NULL, "f", true);
	full_object(&b, NULL, "g", true);
	full_object(&b, "libx", "h", false);
	fake->fail_at = n;
	if (!apply(&a)) {
		fake_run(fake, SECOND_NS);
		life_stall(fake, LP_PATCHED, true);
		(void)!apply(&b);
		fake_run(fake, 4 * LP_PASS_INTERVAL_MIN_NS);
		(void)!life_object(fake, "libx", true);
		(void)!lp_core_reverse(&fake->core, &fake->report);
		(void)!lp_core_reverse(&fake->core, &fake->report);
		life_stall(fake, LP_PATCHED, false);
		fake_run(fake, 10 * SECOND_NS);
		(void)!life_object(fake, "libx", true);
		(void)!lp_core_undo(&fake->core, NULL, &fake->report);
		fake_run(fake, SECOND_NS);
		(void)!lp_core_disable(&fake->core, "a", NULL, &fake->report);
		fake_run(fake, SECOND_NS);
		(void)!life_object(fake, "libx", false);
	}
	met = !fake->fail_at;
	fake->fail_at = 0;
	run();
	if (b.sample.patch.enabled)
		fake_disable(fake, "b");
	if (a.sample.patch.enabled)
		fake_disable(fake, "a");
	assert_int_equal(life_of(fake)->n_open, 0);
	teardown(NULL);
	return met;
}

static void every_failure(void **state)
{
	long n = 1;

	(void)state;
	while (odyssey(n))
		n++;
	assert_true(n > 30);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(apply_and_disable),	 TEST(replace),
		TEST(reverse_of_replace),	 TEST(reverse_twice),
		TEST(reverse_of_disable),	 TEST(reverse_of_redirect),
		TEST(failed_redirect),		 TEST(force),
		TEST(refusals_undo_what_ran),	 TEST(a_positive_answer_refuses),
		TEST(post_unpatch_alone),	 TEST(nobody_can_call),
		cmocka_unit_test(every_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
