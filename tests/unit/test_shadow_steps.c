// SPDX-License-Identifier: LGPL-2.1-or-later
/* A get beside a writer, in every order of their accesses with few switches: see shadow_steps.h. */
#include "shadow_steps.h"

#define RANDOM_CASES 500000

static void every_answer_was_true(void **state)
{
	(void)state;
	steps_skip_if_sanitized();
	assert_int_equal(steps_wrong(), 0);
}

static unsigned int random_below(unsigned int limit)
{
	static uint32_t random = 1;

	random = random * 1664525 + 1013904223;
	return (random >> 8) % limit;
}

static int random_key(void)
{
	static const int keys[] = { 10, 11, 20, 21, 60, 70, 71, 0 };

	return keys[random_below(sizeof(keys) / sizeof(keys[0]))];
}

static int random_op(void)
{
	unsigned int kind = random_below(8);

	if (kind == 0)
		return STEPS_ALL + (int)random_below(2);
	return random_key() + (kind < 5 ? STEPS_FREE : 0);
}

/* Also cases that nobody thought of. */
static void also_of_random_cases(void **state)
{
	struct steps_result result = { .runs = 0 };

	(void)state;
	steps_skip_if_sanitized();
	for (int i = 0; i < RANDOM_CASES; i++) {
		struct steps_case the = { .name = "random" };
		unsigned int n_before = random_below(7), n_ops = 1 + random_below(5);
		unsigned int turns[STEPS_SWITCHES] = { random_below(60), random_below(25),
						       random_below(40), random_below(25) };

		for (unsigned int k = 0; k < n_before; k++)
			the.before[k] = random_key();
		the.before[n_before] = -1;
		for (unsigned int k = 0; k < n_ops; k++)
			the.ops[k] = random_op();
		the.ops[n_ops] = -1;
		steps_try(&result, &the, random_key(), turns);
	}
	assert_int_equal(result.wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_was_true),
		cmocka_unit_test(also_of_random_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
