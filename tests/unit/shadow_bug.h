/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shadow_bug.h - a test program whose planted bug, defined before this is included, must be found. */
#include "shadow_steps.h"

static void it_is_found(void **state)
{
	(void)state;
	steps_skip_if_sanitized();
	assert_int_not_equal(steps_wrong(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(it_is_found) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
