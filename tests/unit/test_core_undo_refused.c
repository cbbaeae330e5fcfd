/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Undo: every reason against it, and that nothing has changed then. */
#include "core_undo.h"

static void a_callback_can_refuse_undo(void **state)
{
	(void)state;
	full_init(&a, "a", "fg", 1, "1");
	full_init(&b, "b", "hi", 2, "2");
	replace_both();
	life_of(fake)->refuse = "b/2";
	assert_int_equal(lp_core_undo(&fake->core, NULL, &fake->report), -ECANCELED);
	assert_string_equal(fake_refusals(fake), "callback-failed(b,2)");
	assert_string_equal(life_story(fake), "pre_patch:a/1 pre_patch:b/2 callback-failed:b/2 "
					      "post_unpatch:a/1");
	assert_string_equal(enabled(), "c");
	assert_string_equal(listed(), "c a b");
	life_of(fake)->refuse = NULL;
	undo();
	fake_disable(fake, "a");
	fake_disable(fake, "b");
}

static void forced_is_final(void **state)
{
	(void)state;
	full_init(&c, "c", "fx", 1, "");
	apply(&a);
	life_stall(fake, LP_PATCHED, true);
	assert_int_equal(start(&c), 0);
	fake_run(fake, 10);
	assert_int_equal(lp_core_force(&fake->core, &fake->report), 0);
	life_stall(fake, LP_PATCHED, false);
	life_story(fake);
	refused("forced(c) forced(a)");
}

/* What was applied since: the same scope, the same function, the same name, a requirement. */
static void conflicts_with_what_came_since(void **state)
{
	static const char *const needs_b[] = { "b" }, *const needs_c[] = { "c" };

	(void)state;
	a.sample.patch.requires = needs_b;
	a.sample.patch.n_requires = 1;
	apply(&b);
	apply(&a);
	c.sample.patch.obsoletes = (const uint64_t[]){ 1 };
	c.sample.patch.n_obsoletes = 1;
	apply(&c);
	fake_disable(fake, "b");
	full_init(&d, "a", "g", 1, "");
	d.sample.patch.requires = needs_c;
	d.sample.patch.n_requires = 1;
	apply(&d);
	refused("required(a) conflict-scope(a) already-enabled(a) conflict-function(a,:g) "
		"missing-requirement(b)");
}

static void an_older_state_version_stays_away(void **state)
{
	(void)state;
	full_init(&a, "a", "fg", 1, "1");
	full_init(&c, "c", "fx", 1, "1");
	c.states[0].version = 2;
	apply(&a);
	apply(&c);
	refused("state-version(c,1)");
	fake_disable(fake, "c");
}

static void a_kept_patch_is_not_applied(void **state)
{
	(void)state;
	replace_both();
	assert_int_equal(start(&a), -ECANCELED);
	assert_string_equal(fake_refusals(fake), "already-enabled(a)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_callback_can_refuse_undo),     TEST(forced_is_final),
		TEST(conflicts_with_what_came_since), TEST(an_older_state_version_stays_away),
		TEST(a_kept_patch_is_not_applied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
