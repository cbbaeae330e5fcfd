/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a valid patch is, and which functions are the same. */
#include "core_host.h"

#include "../../src/core/name.h"

#define assert_valid(sample) assert_int_equal(lp_patch_validate(&(sample)->patch), 0)
#define assert_invalid(sample) assert_int_equal(lp_patch_validate(&(sample)->patch), -EINVAL)

static void a_plain_patch_is_valid(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample, "a", "fgh", 0);
	assert_valid(&sample);
	assert_valid(&sample); /* and stays so */
}

static void names_must_be_there(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample, NULL, "f", 0);
	assert_invalid(&sample);
	sample_init(&sample, "", "f", 0);
	assert_invalid(&sample);
	sample_init(&sample, "a", "f", 0);
	sample.functions[0].name = NULL;
	assert_invalid(&sample);
	sample.functions[0].name = "";
	assert_invalid(&sample);
	sample.functions[0].name = "f";
	sample.functions[0].object = "";
	assert_invalid(&sample);
	sample.functions[0].object = "libx.so";
	assert_valid(&sample);
}

static void a_patch_has_functions(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample, "a", "", 0);
	assert_invalid(&sample);
	sample.patch.n_functions = 1;
	sample.patch.functions = NULL;
	assert_invalid(&sample);
}

static void no_function_comes_twice(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample, "a", "fgf", 0);
	assert_invalid(&sample);
	sample.functions[2].object = "libx.so";
	assert_valid(&sample);
	sample.functions[2].object = NULL;
	sample.functions[2].sympos = 1; /* the same as 0 */
	assert_invalid(&sample);
	sample.functions[2].sympos = 2;
	assert_valid(&sample);
}

static void states_are_checked(void **state)
{
	struct lp_patch_state states[] = { { 1, 1 }, { 2, 1 }, { 3, 1 } };
	struct sample sample;

	(void)state;
	sample_init(&sample, "a", "f", 0);
	sample.patch.n_states = 3;
	assert_invalid(&sample);
	sample.patch.states = states;
	assert_valid(&sample);
	assert_ptr_equal(lp_patch_find_state(&sample.patch, 2), &states[1]);
	assert_null(lp_patch_find_state(&sample.patch, 4));
	states[2].id = 1;
	assert_invalid(&sample);
	states[2].id = 0;
	assert_invalid(&sample);
	sample.patch.n_states = LP_PATCH_STATES_MAX + 1; /* refused before any of them is read */
	assert_invalid(&sample);
}

static void requires_and_obsoletes_are_checked(void **state)
{
	const char *requires[] = { "x", NULL };
	uint64_t obsoletes[] = { 7 };
	struct sample sample;

	(void)state;
	sample_init(&sample, "a", "f", 0);
	sample.patch.n_requires = 1;
	assert_invalid(&sample);
	sample.patch.requires = requires;
	assert_valid(&sample);
	sample.patch.n_requires = 2;
	assert_invalid(&sample);
	requires[1] = "";
	assert_invalid(&sample);
	requires[1] = "y";
	assert_valid(&sample);
	sample.patch.n_obsoletes = 1;
	assert_invalid(&sample);
	sample.patch.obsoletes = obsoletes;
	assert_valid(&sample);
}

static void objects_are_checked(void **state)
{
	struct lp_patch_object objects[] = { { .name = NULL }, { .name = "libx" } };
	struct sample sample;

	(void)state;
	sample_init(&sample, "a", "fgh", 0);
	sample.functions[1].object = "libx";
	sample.functions[2].object = "liby";
	sample.patch.n_objects = 2;
	assert_invalid(&sample);
	sample.patch.objects = objects;
	assert_valid(&sample);
	assert_ptr_equal(sample.functions[0].owner, &objects[0]);
	assert_ptr_equal(sample.functions[1].owner, &objects[1]);
	assert_null(sample.functions[2].owner); /* it is not told of */
	assert_ptr_equal(lp_patch_find_object(&sample.patch, "libx"), &objects[1]);
	assert_ptr_equal(lp_patch_find_object(&sample.patch, NULL), &objects[0]);
	assert_null(lp_patch_find_object(&sample.patch, "liby"));
	objects[1].present = true;
	assert_false(lp_function_present(&sample.functions[0]));
	assert_true(lp_function_present(&sample.functions[1]));
	assert_true(lp_function_present(&sample.functions[2]));
	objects[1].name = "";
	assert_invalid(&sample);
	objects[1].name = NULL; /* twice */
	assert_invalid(&sample);
	sample.patch.n_objects = LP_PATCH_OBJECTS_MAX + 1; /* before any of them is read */
	assert_invalid(&sample);
}

static void identity_is_object_name_and_position(void **state)
{
	struct lp_function a = { .name = "f" }, b = { .name = "f" };
	char other_f[] = "f";

	(void)state;
	b.name = other_f;
	assert_true(lp_function_same(&a, &b));
	b.sympos = 1;
	assert_true(lp_function_same(&a, &b));
	b.sympos = 2;
	assert_false(lp_function_same(&a, &b));
	a.sympos = 2;
	assert_true(lp_function_same(&a, &b));
	b.name = "ff";
	assert_false(lp_function_same(&a, &b));
	assert_false(lp_function_same(&b, &a));
	b.name = "f";
	b.object = "o";
	assert_false(lp_function_same(&a, &b));
	a.object = "o";
	assert_true(lp_function_same(&a, &b));
}

static void find_is_by_identity(void **state)
{
	struct lp_function wanted = { .name = "g", .sympos = 1 };
	struct sample sample;

	(void)state;
	sample_init(&sample, "a", "", 0);
	assert_null(lp_patch_find(&sample.patch, &wanted));
	sample_init(&sample, "a", "fgh", 0);
	assert_valid(&sample);
	assert_ptr_equal(lp_patch_find(&sample.patch, &wanted), &sample.functions[1]);
	wanted.sympos = 2;
	assert_null(lp_patch_find(&sample.patch, &wanted));
	wanted.sympos = 0;
	wanted.object = "o";
	assert_null(lp_patch_find(&sample.patch, &wanted));
}

/* The position is xored into the hash, so a collision is easily made. */
static void equal_hashes_are_not_equal_functions(void **state)
{
	uint32_t hash = lp_name_hash(LP_NAME_HASH_INIT, "f");
	struct sample sample;

	(void)state;
	sample_init(&sample, "a", "ff", 0);
	sample.functions[1].object = "o";
	sample.functions[1].sympos = hash ^ 1 ^ lp_name_hash(hash + 1, "o");
	assert_valid(&sample);
	assert_int_equal(sample.functions[0].hash, sample.functions[1].hash);
	assert_ptr_equal(lp_patch_find(&sample.patch, &sample.functions[0]), &sample.functions[0]);
	assert_ptr_equal(lp_patch_find(&sample.patch, &sample.functions[1]), &sample.functions[1]);
}

/* Quadratic work would be 10^10 comparisons, and run into the test's time limit. */
static void a_hundred_thousand_functions_are_no_trouble(void **state)
{
	enum { N = 100000 };
	struct lp_function *functions = calloc(N, sizeof(*functions));
	char(*names)[32] = calloc(N, sizeof(*names));
	struct lp_patch patch = { .name = "a", .functions = functions, .n_functions = N };
	int i;

	(void)state;
	for (i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "function_%d", i);
		functions[i].name = names[i];
	}
	assert_int_equal(lp_patch_validate(&patch), 0);
	for (i = 0; i < N; i++)
		assert_ptr_equal(lp_patch_find(&patch, &functions[i]), &functions[i]);
	functions[N - 1].name = names[0];
	assert_int_equal(lp_patch_validate(&patch), -EINVAL);
	free(names);
	free(functions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_patch_is_valid),
		cmocka_unit_test(names_must_be_there),
		cmocka_unit_test(a_patch_has_functions),
		cmocka_unit_test(no_function_comes_twice),
		cmocka_unit_test(states_are_checked),
		cmocka_unit_test(requires_and_obsoletes_are_checked),
		cmocka_unit_test(objects_are_checked),
		cmocka_unit_test(identity_is_object_name_and_position),
		cmocka_unit_test(find_is_by_identity),
		cmocka_unit_test(equal_hashes_are_not_equal_functions),
		cmocka_unit_test(a_hundred_thousand_functions_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
