/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects that are there, absent, come, go, and are refused: the situations of the kernel's
 * tools/testing/selftests/livepatch/test-callbacks.sh, and those in a transition.
 */
#include "core_life.h"

static struct fake *fake;
static struct full a, b, c;

static int setup(void **state)
{
	(void)state;
	fake = life_create(2);
	full_init(&a, "a", "fg", 1, "");
	full_init(&b, "b", "gh", 1, "");
	full_init(&c, "c", "x", 3, "");
	full_object(&a, NULL, "f", true);
	full_object(&b, NULL, "h", true);
	full_object(&c, "libx", "x", false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	life_destroy(fake);
	return 0;
}

static int start(struct full *full)
{
	return lp_core_apply(&fake->core, &full->sample.patch, NULL, &fake->report);
}

static void run(void)
{
	fake_run(fake, 10 * SECOND_NS);
	assert_int_equal(fake->core.transition.phase, LP_PHASE_IDLE);
}

static void told(const char *story)
{
	assert_string_equal(life_story(fake), story);
}

static void apply(struct full *full)
{
	assert_int_equal(start(full), 0);
	run();
	life_story(fake);
}

static void disable(void)
{
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), 0);
	run();
}

static void coming(const char *name)
{
	assert_int_equal(life_object(fake, name, true), 0);
}

static void going(const char *name)
{
	assert_int_equal(life_object(fake, name, false), 0);
}

static bool has_site(const struct full *full, unsigned int i)
{
	return full->sample.functions[i].site != NULL;
}

/* 1: object before patch */
static void object_before_patch(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", true);
	assert_int_equal(start(&a), 0);
	run();
	told("pre_patch:a/program pre_patch:a/libx apply:a redirected:a complete:a "
	     "post_patch:a/program post_patch:a/libx enabled:a");
	assert_int_equal(fake->sites_open, 2);
	disable();
	told("pre_unpatch:a/program pre_unpatch:a/libx disable:a redirected:a complete:a "
	     "post_unpatch:a/program post_unpatch:a/libx disabled:a");
}

/* 2: object after patch */
static void object_after_patch(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", false);
	apply(&a);
	assert_false(has_site(&a, 1));
	coming("libx");
	told("pre_patch:a/libx object-coming:a/libx post_patch:a/libx");
	assert_true(has_site(&a, 1));
	assert_ptr_equal(a.sample.functions[1].site->current, &a.sample.functions[1]);
	assert_ptr_equal(a.sample.functions[1].site->next, &a.sample.functions[1]);
	disable();
	told("pre_unpatch:a/program pre_unpatch:a/libx disable:a redirected:a complete:a "
	     "post_unpatch:a/program post_unpatch:a/libx disabled:a");
}

/* 3: object goes while the patch is enabled */
static void object_goes(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", true);
	apply(&a);
	going("libx");
	told("pre_unpatch:a/libx object-going:a/libx post_unpatch:a/libx");
	assert_false(has_site(&a, 1));
	assert_int_equal(fake->sites_open, 1);
	disable();
	told("pre_unpatch:a/program disable:a redirected:a complete:a post_unpatch:a/program "
	     "disabled:a");
}

/* 4: it comes after the patch, and goes before it */
static void object_comes_and_goes(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", false);
	apply(&a);
	coming("libx");
	going("libx");
	told("pre_patch:a/libx object-coming:a/libx post_patch:a/libx "
	     "pre_unpatch:a/libx object-going:a/libx post_unpatch:a/libx");
	coming("libx");
	disable();
	assert_int_equal(life_of(fake)->n_open, 0);
}

/* 5: an object that never comes */
static void object_never_comes(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", false);
	assert_int_equal(start(&a), 0);
	run();
	disable();
	told("pre_patch:a/program apply:a redirected:a complete:a post_patch:a/program enabled:a "
	     "pre_unpatch:a/program disable:a redirected:a complete:a post_unpatch:a/program "
	     "disabled:a");
}

/* 6: pre_patch refuses the patch */
static void pre_patch_refuses_the_patch(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", true);
	life_of(fake)->refuse = "a/program";
	assert_int_equal(start(&a), -ECANCELED);
	told("pre_patch:a/program callback-failed:a/program");
	assert_string_equal(fake_refusals(fake), "callback-failed(a)");
	assert_int_equal(fake->sites_open, 0);
}

/* 7: pre_patch refuses the object; the patch stays where it is */
static void pre_patch_refuses_the_object(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", false);
	apply(&a);
	life_of(fake)->refuse = "a/libx";
	assert_int_equal(life_object(fake, "libx", true), -ECANCELED);
	told("pre_patch:a/libx callback-failed:a/libx object-refused:a/libx");
	assert_string_equal(fake->refusals[0].object, "libx");
	assert_string_equal(fake_refusals(fake), "callback-failed(a)");
	assert_false(has_site(&a, 1));
	assert_false(a.objects[1].present || a.objects[1].coming);
	disable();
	told("pre_unpatch:a/program disable:a redirected:a complete:a post_unpatch:a/program "
	     "disabled:a");
}

/* 8: several objects, one of them busy: everything waits for its tasks */
static void busy_object(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", true);
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(start(&a), 0);
	fake_run(fake, SECOND_NS);
	told("pre_patch:a/program pre_patch:a/libx apply:a redirected:a");
	life_stall(fake, LP_PATCHED, false);
	run();
	told("complete:a post_patch:a/program post_patch:a/libx enabled:a");
	disable();
}

/* 9: the transition is turned around: post_unpatch only */
static void busy_object_reversed(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", false);
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(start(&a), 0);
	fake_run(fake, 10);
	life_story(fake);
	coming("libx"); /* in between */
	told("pre_patch:a/libx object-coming:a/libx");
	assert_true(has_site(&a, 1));
	assert_null(a.sample.functions[1].site->current);
	assert_false(lp_list_empty(&a.sample.functions[1].site->transition_link));
	going("libx");
	told("object-going:a/libx post_unpatch:a/libx");
	assert_int_equal(lp_core_reverse(&fake->core, &fake->report), 0);
	run();
	told("reverse:a complete:a post_unpatch:a/program disabled:a");
}

/* 10: two patches with the same object */
static void two_patches(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", false);
	apply(&a);
	apply(&c);
	coming("libx");
	told("pre_patch:a/libx pre_patch:c/libx object-coming:a/libx post_patch:a/libx "
	     "object-coming:c/libx post_patch:c/libx");
	going("libx");
	told("pre_unpatch:a/libx pre_unpatch:c/libx object-going:a/libx post_unpatch:a/libx "
	     "object-going:c/libx post_unpatch:c/libx");
	life_of(fake)->refuse = "c/libx";
	assert_int_equal(life_object(fake, "libx", true), -ECANCELED);
	fake->report.total = 0;
	told("pre_patch:a/libx pre_patch:c/libx callback-failed:c/libx object-refused:c/libx "
	     "post_unpatch:a/libx object-refused:a/libx");
	disable();
}

/* 11: a replace runs the callbacks of the new patch only */
static void replace(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", true);
	full_object(&b, "libx", "g", true);
	apply(&a);
	assert_int_equal(start(&b), 0);
	run();
	told("pre_patch:b/program pre_patch:b/libx apply:b replace:a redirected:b complete:b "
	     "post_patch:b/program post_patch:b/libx disabled:a keep:a enabled:b");
}

/* The object comes while one patch takes the place of another. */
static void comes_during_a_replace(void **state)
{
	struct lp_site *site;

	(void)state;
	full_object(&a, "libx", "g", false);
	full_object(&b, "libx", "g", false);
	apply(&a);
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(start(&b), 0);
	fake_run(fake, 10);
	life_story(fake);
	coming("libx");
	told("pre_patch:a/libx pre_patch:b/libx object-coming:a/libx post_patch:a/libx "
	     "object-coming:b/libx");
	site = a.sample.functions[1].site;
	assert_ptr_equal(site, b.sample.functions[0].site);
	assert_ptr_equal(site->current, &a.sample.functions[1]);
	assert_ptr_equal(site->next, &b.sample.functions[0]);
	life_stall(fake, LP_PATCHED, false);
	run();
	told("complete:b post_patch:b/program post_patch:b/libx disabled:a keep:a enabled:b");
	/* a that comes back knows that it is there */
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), 0);
	run();
	assert_true(has_site(&a, 1));
	disable();
}

/* Kept patches learn of it. */
static void comes_and_goes_before_an_undo(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", true);
	apply(&a);
	apply(&b);
	going("libx");
	assert_false(a.objects[1].present);
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), 0);
	assert_false(has_site(&a, 1));
	assert_string_equal(life_story(fake), "pre_patch:a/program undo:b return:a");
	run();
	disable();
}

static void comes_during_a_disable(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", false);
	apply(&a);
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), 0);
	coming("libx"); /* before the redirect */
	told("pre_unpatch:a/program disable:a pre_patch:a/libx object-coming:a/libx");
	assert_null(a.sample.functions[1].site->next);
	fake_run(fake, 10);
	life_stall(fake, LP_PATCHED, false);
	run();
	told("redirected:a complete:a post_unpatch:a/program post_unpatch:a/libx disabled:a");
	assert_int_equal(fake->sites_open, 0);
}

static void goes_during_a_disable_that_is_reversed(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", true);
	apply(&a);
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), 0);
	fake_run(fake, 10);
	going("libx");
	assert_int_equal(lp_core_reverse(&fake->core, &fake->report), 0);
	run();
	told("pre_unpatch:a/program pre_unpatch:a/libx disable:a redirected:a object-going:a/libx "
	     "post_unpatch:a/libx reverse:a complete:a post_patch:a/program enabled:a");
	life_stall(fake, LP_PATCHED, false);
	disable();
}

static void unknown_objects_are_nobodys(void **state)
{
	(void)state;
	full_object(&a, "libx", "g", true);
	apply(&a);
	coming("liby");
	going("liby");
	coming("libx"); /* it is there already */
	told("");
	disable();
}

static void hosts_that_cannot(void **state)
{
	struct lp_host host = *fake->core.host;

	(void)state;
	host.site_patch = NULL;
	fake->core.host = &host;
	full_object(&a, "libx", "g", false);
	apply(&a);
	assert_int_equal(life_object(fake, "libx", true), -EOPNOTSUPP);
	assert_string_equal(fake_refusals(fake), "no-object-events()");
	assert_false(a.objects[1].coming);
	life_story(fake);
	disable();
}

/* A site that cannot be opened or written refuses the object, whenever it comes. */
static bool coming_with_fault(long n, unsigned int when)
{
	bool met;
	int error;

	setup(NULL);
	full_init(&a, "a", "fgij", 1, "");
	full_object(&a, NULL, "f", true);
	full_object(&a, "libx", "gij", false);
	full_object(&b, "libx", "g", false);
	apply(&a);
	life_stall(fake, LP_PATCHED, true);
	if (when)
		assert_int_equal(start(&b), 0);
	if (when == 2)
		fake_run(fake, 10);
	fake->fail_at = n;
	error = life_object(fake, "libx", true);
	met = !fake->fail_at;
	fake->fail_at = 0;
	assert_int_equal(met, error != 0);
	if (error) {
		assert_int_equal(fake->report.total, 1);
		assert_int_equal(life_of(fake)->sites_patched, 0);
		assert_int_equal(fake->sites_open, when ? 2 : 1);
		assert_false(has_site(&a, 1) || has_site(&a, 2) || has_site(&a, 3));
		assert_false(has_site(&b, 0));
		assert_false(a.objects[1].present || b.objects[1].present);
		assert_int_equal(life_object(fake, "libx", true), 0); /* the next time */
	}
	life_stall(fake, LP_PATCHED, false);
	run();
	going("libx");
	fake_disable(fake, when ? "b" : "a");
	teardown(NULL);
	return met;
}

static void every_failure(void **state)
{
	unsigned int when;
	long n;

	(void)state;
	for (when = 0; when < 3; when++) {
		for (n = 1; coming_with_fault(n, when);)
			n++;
		assert_true(n > 9); /* a pre_patch, three sites of three steps each */
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(object_before_patch),
		TEST(object_after_patch),
		TEST(object_goes),
		TEST(object_comes_and_goes),
		TEST(object_never_comes),
		TEST(pre_patch_refuses_the_patch),
		TEST(pre_patch_refuses_the_object),
		TEST(busy_object),
		TEST(busy_object_reversed),
		TEST(two_patches),
		TEST(replace),
		TEST(comes_during_a_replace),
		TEST(comes_and_goes_before_an_undo),
		TEST(comes_during_a_disable),
		TEST(goes_during_a_disable_that_is_reversed),
		TEST(unknown_objects_are_nobodys),
		TEST(hosts_that_cannot),
		cmocka_unit_test(every_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
