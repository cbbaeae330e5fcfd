/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words and sentences of reasons, blockers and events; the report. */
#include "core_host.h"

static void assert_word(const char *word)
{
	size_t i, length = strlen(word);

	assert_true(length > 0);
	for (i = 0; i < length; i++)
		assert_true((word[i] >= 'a' && word[i] <= 'z') || word[i] == '-');
}

static void every_reason_has_a_word_of_its_own(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < LP_REASON_COUNT; i++) {
		assert_word(lp_reason_word(i));
		assert_true(strlen(lp_reason_text(i)) > 5);
		for (j = 0; j < i; j++)
			assert_string_not_equal(lp_reason_word(i), lp_reason_word(j));
	}
	assert_string_equal(lp_reason_word(LP_REASON_CONFLICT_FUNCTION), "conflict-function");
}

static void every_blocking_has_a_word_of_its_own(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < LP_BLOCKING_COUNT; i++) {
		assert_word(lp_blocking_word(i));
		assert_true(strlen(lp_blocking_text(i)) > 5);
		for (j = 0; j < i; j++)
			assert_string_not_equal(lp_blocking_word(i), lp_blocking_word(j));
	}
	assert_string_equal(lp_blocking_word(LP_BLOCKING_ON_STACK), "on-stack");
}

static void every_event_has_a_word_of_its_own(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < LP_EVENT_COUNT; i++) {
		assert_word(lp_event_word(i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(lp_event_word(i), lp_event_word(j));
	}
}

/* As the author writes them. */
static void every_callback_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(lp_callback_word(LP_PRE_PATCH), "pre_patch");
	assert_string_equal(lp_callback_word(LP_POST_PATCH), "post_patch");
	assert_string_equal(lp_callback_word(LP_PRE_UNPATCH), "pre_unpatch");
	assert_string_equal(lp_callback_word(LP_POST_UNPATCH), "post_unpatch");
	assert_string_equal(lp_callback_word(LP_CALLBACK_COUNT), "unknown");
}

static void short_reports(void **state)
{
	struct lp_refusal room[3];
	struct lp_report report = { .refusals = room, .capacity = 3 };

	(void)state;
	lp_report_patch(&report, LP_REASON_FORCED, "a");
	lp_report_errno(&report, -ENOMEM, "b");
	lp_report_errno(&report, -EIO, NULL);
	assert_int_equal(report.total, 3);
	assert_int_equal(room[0].reason, LP_REASON_FORCED);
	assert_string_equal(room[0].patch, "a");
	assert_int_equal(room[1].reason, LP_REASON_NO_MEMORY);
	assert_int_equal(room[2].reason, LP_REASON_SYSTEM);
	assert_null(room[2].patch);
}

static void values_out_of_range_are_answered(void **state)
{
	static const int values[] = { -1, 1000, INT32_MAX, INT32_MIN };
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_non_null(lp_reason_word(values[i]));
		assert_non_null(lp_reason_text(values[i]));
		assert_non_null(lp_blocking_word(values[i]));
		assert_non_null(lp_blocking_text(values[i]));
		assert_non_null(lp_event_word(values[i]));
	}
	assert_string_equal(lp_reason_word(LP_REASON_COUNT), "unknown");
	assert_string_equal(lp_blocking_word(LP_BLOCKING_COUNT), "unknown");
	assert_string_equal(lp_event_word(LP_EVENT_COUNT), "unknown");
}

static void a_full_report_counts_on(void **state)
{
	struct lp_refusal room[3] = { { .patch = "untouched" }, { 0 }, { .patch = "untouched" } };
	struct lp_report report = { .refusals = room, .capacity = 2 };
	unsigned int i;

	(void)state;
	for (i = 1; i <= 5; i++)
		lp_report_add(&report, (struct lp_refusal){ .state = i });
	assert_int_equal(report.total, 5);
	assert_int_equal(room[0].state, 1);
	assert_int_equal(room[1].state, 2);
	assert_string_equal(room[2].patch, "untouched");
}

static void a_report_without_room_counts(void **state)
{
	struct lp_report report = { 0 };

	(void)state;
	lp_report_add(&report, (struct lp_refusal){ .reason = LP_REASON_SYSTEM });
	assert_int_equal(report.total, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_word_of_its_own),
		cmocka_unit_test(every_blocking_has_a_word_of_its_own),
		cmocka_unit_test(every_event_has_a_word_of_its_own),
		cmocka_unit_test(every_callback_has_its_name),
		cmocka_unit_test(short_reports),
		cmocka_unit_test(values_out_of_range_are_answered),
		cmocka_unit_test(a_full_report_counts_on),
		cmocka_unit_test(a_report_without_room_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
