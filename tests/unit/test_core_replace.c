/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules 1 to 5 of "Replace and conflicts": who leaves, and every refusal. */
#include "core_host.h"

#define LEAVES(sample) assert_true((sample).patch.leaving)
#define STAYS(sample) assert_false((sample).patch.leaving)

struct bench {
	struct fake *fake;
	struct sample a, b, n; /* a: scope 1, f g; b: scope 2, h; n: new, scope 3, x */
};

static int setup(void **state)
{
	static struct bench bench;

	memset(&bench, 0, sizeof(bench));
	bench.fake = fake_create(2);
	sample_init(&bench.a, "a", "fg", 1);
	sample_init(&bench.b, "b", "h", 2);
	sample_init(&bench.n, "n", "x", 3);
	fake_apply(bench.fake, &bench.a.patch);
	fake_apply(bench.fake, &bench.b.patch);
	*state = &bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	fake_destroy(bench->fake);
	return 0;
}

static int check_with(struct bench *bench, const struct lp_apply_options *options)
{
	return lp_core_check(&bench->fake->core, &bench->n.patch, options, &bench->fake->report);
}

static void assert_fits(struct bench *bench, const struct lp_apply_options *options)
{
	assert_int_equal(check_with(bench, options), 0);
	assert_int_equal(bench->fake->report.total, 0);
}

static void assert_refused(struct bench *bench, const struct lp_apply_options *options,
			   const char *refusals)
{
	assert_int_equal(check_with(bench, options), -ECANCELED);
	assert_string_equal(fake_refusals(bench->fake), refusals);
}

static const struct lp_apply_options none = { 0 };
static const struct lp_apply_options replace_conflicting = { .replace_conflicting = true };
static const struct lp_apply_options override = { .override = true };
static const struct lp_apply_options both = { .replace_conflicting = true, .override = true };

static void another_scope_leaves_all_in_place(void **state)
{
	struct bench *bench = *state;

	assert_fits(bench, NULL);
	STAYS(bench->a);
	STAYS(bench->b);
}

static void the_same_scope_is_replaced(void **state)
{
	struct bench *bench = *state;

	bench->n.patch.provides = 1;
	assert_fits(bench, &none);
	LEAVES(bench->a);
	STAYS(bench->b);
	bench->n.patch.provides = 3; /* a check forgets the one before */
	assert_fits(bench, &none);
	STAYS(bench->a);
}

static void obsoleted_scopes_are_replaced(void **state)
{
	static const uint64_t scopes[] = { 9, 2 };
	struct bench *bench = *state;

	bench->n.patch.obsoletes = scopes;
	bench->n.patch.n_obsoletes = 1;
	assert_fits(bench, &none);
	STAYS(bench->b);
	bench->n.patch.n_obsoletes = 2;
	assert_fits(bench, &none);
	STAYS(bench->a);
	LEAVES(bench->b);
}

static void the_replace_flag_replaces_all(void **state)
{
	struct bench *bench = *state;

	bench->n.patch.replace = true;
	assert_fits(bench, &none);
	LEAVES(bench->a);
	LEAVES(bench->b);
}

static void every_conflicting_function_is_named(void **state)
{
	struct bench *bench = *state;

	sample_init(&bench->n, "n", "gxhf", 3);
	bench->n.functions[3].sympos = 1;
	assert_refused(bench, &none,
		       "conflict-function(a,:f) conflict-function(a,:g) conflict-function(b,:h)");
	bench->n.functions[3].sympos = 2;
	bench->n.functions[0].object = "lib";
	assert_refused(bench, &none, "conflict-function(b,:h)");
}

static void a_larger_patch_is_searched_too(void **state)
{
	struct bench *bench = *state;

	sample_init(&bench->n, "n", "g", 3);
	assert_refused(bench, &none, "conflict-function(a,:g)");
}

static void a_state_is_a_conflict(void **state)
{
	static const struct lp_patch_state states[] = { { 5, 1 }, { 6, 1 } };
	struct bench *bench = *state;

	bench->b.patch.states = states;
	bench->b.patch.n_states = 1;
	bench->n.patch.states = states;
	bench->n.patch.n_states = 2;
	assert_refused(bench, &none, "conflict-state(b,5)");
	assert_fits(bench, &replace_conflicting);
	LEAVES(bench->b);
	STAYS(bench->a);
}

static void a_replaced_patch_is_no_conflict(void **state)
{
	struct bench *bench = *state;

	sample_init(&bench->n, "n", "fgh", 1);
	assert_refused(bench, &none, "conflict-function(b,:h)");
	LEAVES(bench->a);
}

static void a_conflict_may_replace(void **state)
{
	struct bench *bench = *state;

	sample_init(&bench->n, "n", "fx", 3);
	assert_fits(bench, &replace_conflicting);
	LEAVES(bench->a);
	STAYS(bench->b);
	bench->n.patch.conflicts_replace = true;
	assert_fits(bench, &none);
	LEAVES(bench->a);
	STAYS(bench->b);
}

static void a_conflict_may_not_replace_what_is_not_replaceable(void **state)
{
	struct bench *bench = *state;

	sample_init(&bench->n, "n", "fh", 3);
	bench->a.patch.replaceable = false;
	assert_refused(bench, &replace_conflicting, "not-replaceable(a)");
	assert_fits(bench, &both);
	LEAVES(bench->a);
	LEAVES(bench->b);
	assert_refused(bench, &override, "conflict-function(a,:f) conflict-function(b,:h)");
}

static void not_replaceable_is_refused_unless_overridden(void **state)
{
	struct bench *bench = *state;

	bench->n.patch.replace = true;
	bench->a.patch.replaceable = false;
	bench->b.patch.replaceable = false;
	assert_refused(bench, &none, "not-replaceable(a) not-replaceable(b)");
	assert_fits(bench, &override);
	bench->n.patch.replace = false;
	bench->n.patch.provides = 1;
	assert_refused(bench, &none, "not-replaceable(a)");
	bench->n.patch.provides = 3;
	assert_fits(bench, &none);
}

static void a_state_taken_over_must_not_be_older(void **state)
{
	static const struct lp_patch_state old[] = { { 5, 3 } }, new[] = { { 5, 2 } };
	struct bench *bench = *state;

	bench->a.patch.states = old;
	bench->a.patch.n_states = 1;
	bench->n.patch.provides = 1;
	bench->n.patch.states = new;
	bench->n.patch.n_states = 1;
	assert_refused(bench, &none, "state-version(a,5)");
	bench->n.patch.states = old;
	assert_fits(bench, &none);
}

static void a_required_patch_must_be_enabled_and_stay(void **state)
{
	static const char *const names[] = { "a", "missing" };
	struct bench *bench = *state;

	bench->n.patch.requires = names;
	bench->n.patch.n_requires = 1;
	assert_fits(bench, &none);
	bench->n.patch.n_requires = 2;
	assert_refused(bench, &none, "missing-requirement(missing)");
	bench->n.patch.provides = 1;
	assert_refused(bench, &none, "missing-requirement(a) missing-requirement(missing)");
}

static void a_patch_is_no_requirement_of_its_own(void **state)
{
	static const char *const names[] = { "n" };
	struct bench *bench = *state;

	bench->n.patch.requires = names;
	bench->n.patch.n_requires = 1;
	assert_refused(bench, &none, "missing-requirement(n)");
}

static void what_another_requires_is_not_replaced(void **state)
{
	static const char *const names[] = { "a" };
	struct bench *bench = *state;

	bench->b.patch.requires = names;
	bench->b.patch.n_requires = 1;
	bench->n.patch.provides = 1;
	assert_refused(bench, &none, "required(b)");
	/* both go: nobody is left to require it */
	bench->n.patch.replace = true;
	assert_fits(bench, &none);
	/* a newer one of that name is as good */
	bench->n.patch.replace = false;
	bench->n.patch.name = "a";
	assert_fits(bench, &none);
	LEAVES(bench->a);
}

static void what_another_requires_is_not_disabled(void **state)
{
	static const char *const names[] = { "a" };
	struct bench *bench = *state;
	struct fake *fake = bench->fake;

	bench->b.patch.requires = names;
	bench->b.patch.n_requires = 1;
	bench->a.patch.forced = true;
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), -ECANCELED);
	assert_string_equal(fake_refusals(fake), "forced(a) required(b)");
	STAYS(bench->a);
	fake_disable(fake, "b");
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), -ECANCELED);
	assert_string_equal(fake_refusals(fake), "forced(a)");
}

static void a_name_is_enabled_once(void **state)
{
	struct bench *bench = *state;

	bench->n.patch.name = "a";
	assert_refused(bench, &none, "already-enabled(a)");
	bench->n.patch.provides = 1;
	assert_fits(bench, &none);
}

static void a_patch_does_not_replace_itself(void **state)
{
	struct bench *bench = *state;
	struct fake *fake = bench->fake;

	assert_int_equal(lp_core_apply(&fake->core, &bench->a.patch, NULL, &fake->report),
			 -ECANCELED);
	assert_string_equal(fake_refusals(fake), "already-enabled(a)");
	assert_true(bench->a.patch.enabled);
}

static void all_reasons_are_told_at_once(void **state)
{
	static const struct lp_patch_state states[] = { { 5, 1 } };
	static const char *const names[] = { "missing" };
	struct bench *bench = *state;

	sample_init(&bench->n, "b", "hx", 1);
	bench->a.patch.replaceable = false;
	bench->b.patch.states = states;
	bench->b.patch.n_states = 1;
	bench->n.patch.states = states;
	bench->n.patch.n_states = 1;
	bench->n.patch.requires = names;
	bench->n.patch.n_requires = 1;
	assert_refused(bench, &none,
		       "not-replaceable(a) conflict-function(b,:h) conflict-state(b,5) "
		       "already-enabled(b) missing-requirement(missing)");
}

static void a_bad_patch_comes_before_all_rules(void **state)
{
	struct bench *bench = *state;

	sample_init(&bench->n, "n", "ff", 1);
	assert_int_equal(check_with(bench, &none), -EINVAL);
	assert_string_equal(fake_refusals(bench->fake), "bad-file(n)");
	STAYS(bench->a);
}

static void a_check_leaves_a_transition_alone(void **state)
{
	struct bench *bench = *state;
	struct fake *fake = bench->fake;

	bench->n.patch.replace = true;
	assert_int_equal(lp_core_disable(&fake->core, "a", NULL, &fake->report), 0);
	assert_int_equal(check_with(bench, &none), -EBUSY);
	assert_string_equal(fake_refusals(fake), "busy-transition(a)");
	LEAVES(bench->a);
	STAYS(bench->b);
	fake_run(fake, SECOND_NS);
}

static void the_operator_flips_replaceable(void **state)
{
	struct bench *bench = *state;
	struct fake *fake = bench->fake;

	assert_int_equal(lp_core_set_replaceable(&fake->core, "a", false, &fake->report), 0);
	assert_false(bench->a.patch.replaceable);
	assert_int_equal(fake_count(fake, LP_EVENT_SET), 1);
	assert_int_equal(lp_core_set_replaceable(&fake->core, "z", false, &fake->report), -ENOENT);
	assert_string_equal(fake_refusals(fake), "no-such-patch(z)");
}

static struct lp_refusal weak_room[8];
static struct lp_report weak = { .refusals = weak_room, .capacity = 8 };

static void assert_weak(unsigned int i, const char *patch, const char *function)
{
	assert_int_equal(weak_room[i].reason, LP_REASON_WEAK_CONFLICT);
	assert_string_equal(weak_room[i].patch, patch);
	assert_string_equal(weak_room[i].function, function);
}

/* Rule 6: told when it is asked and when it is done, and no reason against it. */
static void functions_that_go_back_are_told(void **state)
{
	static const uint64_t second[] = { 2 };
	struct lp_apply_options options = { .weak = &weak };
	struct bench *bench = *state;
	struct fake *fake = bench->fake;

	sample_init(&bench->n, "n", "gx", 1);
	bench->n.patch.obsoletes = second;
	bench->n.patch.n_obsoletes = 1;
	weak.total = 0;
	assert_fits(bench, &options);
	assert_int_equal(weak.total, 2);
	assert_weak(0, "a", "f");
	assert_weak(1, "b", "h");
	weak.total = 0;
	assert_int_equal(lp_core_apply(&fake->core, &bench->n.patch, &options, &fake->report), 0);
	assert_int_equal(weak.total, 2);
	assert_weak(0, "a", "f");
	fake_run(fake, SECOND_NS);
	assert_int_equal(fake->report.total, 0);
	assert_null(bench->a.functions[0].site);
	fake_disable(fake, "n");
}

/* A refusal tells it too: it is part of the answer to "what would this do?" */
static void a_refusal_tells_them_too(void **state)
{
	struct lp_apply_options options = { .weak = &weak };
	struct bench *bench = *state;

	sample_init(&bench->n, "n", "g", 1);
	bench->a.patch.replaceable = false;
	weak.total = 0;
	assert_refused(bench, &options, "not-replaceable(a)");
	assert_int_equal(weak.total, 1);
	assert_weak(0, "a", "f");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(another_scope_leaves_all_in_place),
		TEST(the_same_scope_is_replaced),
		TEST(obsoleted_scopes_are_replaced),
		TEST(the_replace_flag_replaces_all),
		TEST(every_conflicting_function_is_named),
		TEST(a_larger_patch_is_searched_too),
		TEST(a_state_is_a_conflict),
		TEST(a_replaced_patch_is_no_conflict),
		TEST(a_conflict_may_replace),
		TEST(a_conflict_may_not_replace_what_is_not_replaceable),
		TEST(not_replaceable_is_refused_unless_overridden),
		TEST(a_state_taken_over_must_not_be_older),
		TEST(a_required_patch_must_be_enabled_and_stay),
		TEST(a_patch_is_no_requirement_of_its_own),
		TEST(what_another_requires_is_not_replaced),
		TEST(what_another_requires_is_not_disabled),
		TEST(a_name_is_enabled_once),
		TEST(a_patch_does_not_replace_itself),
		TEST(all_reasons_are_told_at_once),
		TEST(a_bad_patch_comes_before_all_rules),
		TEST(a_check_leaves_a_transition_alone),
		TEST(the_operator_flips_replaceable),
		TEST(functions_that_go_back_are_told),
		TEST(a_refusal_tells_them_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
