/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Holds: what a transition tells the host of, and which are valid. */
#include "core_life.h"

static struct fake *fake;
static struct full a, b, c;

static int setup(void **state)
{
	(void)state;
	fake = life_create(1);
	full_init(&a, "a", "f", 1, "");
	full_init(&b, "b", "g", 1, "");
	full_init(&c, "c", "h", 3, "");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	life_destroy(fake);
	return 0;
}

static void hold(struct full *full, const char *object, const char *name, uint32_t sympos)
{
	struct lp_patch *patch = &full->sample.patch;

	patch->holds = full->holds;
	full->holds[patch->n_holds++] = (struct lp_hold){ .object = object,
							  .name = name,
							  .sympos = sympos };
}

static int start(struct full *full)
{
	return lp_core_apply(&fake->core, &full->sample.patch, NULL, &fake->report);
}

/* "x libx:y>c": the holds of the transition, and whose version of them there is */
static const char *held(const struct lp_transition *tr)
{
	static char text[128];
	const struct lp_hold *one;

	text[0] = '\0';
	lp_list_for_each(one, &tr->holds, transition_link) {
		if (text[0])
			strcat(text, " ");
		if (one->object)
			strcat(strcat(text, one->object), ":");
		strcat(text, one->name);
		if (one->function)
			strcat(strcat(text, ">"), one->function->patch->name);
	}
	return text;
}

static char at_prepare[128];

static int prepare(void *host, struct lp_transition *tr)
{
	strcpy(at_prepare, held(tr));
	return fake_prepare(host, tr);
}

static void run(void)
{
	fake_run(fake, 10 * SECOND_NS);
	assert_int_equal(fake->core.transition.phase, LP_PHASE_IDLE);
	assert_string_equal(held(&fake->core.transition), "");
}

static void of_all_who_come_and_leave(void **state)
{
	struct lp_host host = *fake->core.host;

	(void)state;
	host.prepare = prepare;
	fake->core.host = &host;
	hold(&a, NULL, "x", 0);
	hold(&b, NULL, "x", 0);
	hold(&b, "libx", "y", 2);
	hold(&c, NULL, "z", 0);
	assert_int_equal(start(&c), 0);
	assert_string_equal(at_prepare, "z");
	run();
	assert_int_equal(start(&a), 0);
	assert_string_equal(at_prepare, "x");
	run();
	assert_int_equal(start(&b), 0);
	assert_string_equal(at_prepare, "x x libx:y");
	/* and in the other direction too */
	fake_run(fake, 0);
	run();
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), 0);
	assert_string_equal(at_prepare, "x libx:y x");
	run();
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), 0);
	assert_string_equal(at_prepare, "x");
	run();
}

/* Another patch has changed the held function: its version must not be on a stack either. */
static void a_held_function_may_have_a_version(void **state)
{
	(void)state;
	hold(&a, NULL, "h", 1); /* position 1 is position 0 */
	hold(&a, "libx", "h", 0);
	assert_int_equal(start(&c), 0);
	run();
	assert_int_equal(start(&a), 0);
	assert_string_equal(held(&fake->core.transition), "h>c libx:h");
	assert_ptr_equal(a.holds[0].function, &c.sample.functions[0]);
	run();
	assert_null(a.holds[0].function);
	/* one that the transition itself takes out is among its sites */
	full_init(&b, "b", "g", 1, "");
	b.sample.patch.replace = true;
	hold(&b, NULL, "h", 0);
	assert_int_equal(start(&b), 0);
	assert_null(b.holds[0].function);
	run();
}

static void refused_patches_hold_nothing(void **state)
{
	(void)state;
	hold(&a, NULL, "x", 0);
	fake->fail_at = 3; /* prepare */
	assert_int_equal(start(&a), -ENOSPC);
	fake->report.total = 0;
	assert_string_equal(held(&fake->core.transition), "");
	fake->redirect_error = -EIO;
	assert_int_equal(start(&a), 0);
	run();
	fake->redirect_error = 0;
	assert_false(a.sample.patch.enabled);
}

static void invalid_holds(void **state)
{
	(void)state;
	hold(&a, NULL, "x", 0);
	hold(&a, NULL, "y", 0);
	assert_int_equal(lp_patch_validate(&a.sample.patch), 0);
	a.holds[1].name = "";
	assert_int_equal(lp_patch_validate(&a.sample.patch), -EINVAL);
	a.holds[1].name = NULL;
	assert_int_equal(lp_patch_validate(&a.sample.patch), -EINVAL);
	a.holds[1].name = "x";
	assert_int_equal(lp_patch_validate(&a.sample.patch), -EINVAL);
	a.holds[1].sympos = 1; /* the same one */
	assert_int_equal(lp_patch_validate(&a.sample.patch), -EINVAL);
	a.holds[1].sympos = 2;
	assert_int_equal(lp_patch_validate(&a.sample.patch), 0);
	a.holds[1].object = "";
	assert_int_equal(lp_patch_validate(&a.sample.patch), -EINVAL);
	a.sample.patch.n_holds = LP_PATCH_HOLDS_MAX + 1; /* before any of them is read */
	assert_int_equal(lp_patch_validate(&a.sample.patch), -EINVAL);
	a.sample.patch.n_holds = 1;
	a.sample.patch.holds = NULL;
	assert_int_equal(lp_patch_validate(&a.sample.patch), -EINVAL);
	assert_int_equal(start(&a), -EINVAL);
	assert_string_equal(fake_refusals(fake), "bad-file(a)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_all_who_come_and_leave),
		TEST(a_held_function_may_have_a_version),
		TEST(refused_patches_hold_nothing),
		TEST(invalid_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
