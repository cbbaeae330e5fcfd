// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options, exit statuses and hints of the command line. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/hint.h"
#include "cli/options.h"
#include "cli/session.h"
#include "core/reason.h"

static void test_durations(void **state)
{
	static const struct {
		const char *text;
		uint32_t ms;
	} good[] = { { "0", 0 },       { "30s", 30000 }, { "500ms", 500 },
		     { "2m", 120000 }, { "7", 7000 },	 { "4294967295ms", UINT32_MAX },
		     { "0ms", 0 } };
	static const char *const bad[] = { "",	  "s",	  "-1",	 " 1",	"1h", "1.5s",
					   "1 s", "0x10", "ms1", "1sm", "+1s" };
	static const char *const large[] = { "4294967296ms", "4294968s", "71583m",
					     "99999999999999999999s" };
	uint32_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(lp_duration_parse(good[i].text, &ms), 0);
		assert_int_equal(ms, good[i].ms);
	}
	ms = 77;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(lp_duration_parse(bad[i], &ms), -EINVAL);
	for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++)
		assert_int_equal(lp_duration_parse(large[i], &ms), -ERANGE);
	assert_int_equal(ms, 77);
}

static void parse(struct lp_options *options, int argc, const char **argv)
{
	static const struct lp_syntax syntax = {
		.arguments = "FIX.lp",
		.groups = LP_OPTIONS_TARGET | LP_OPTIONS_WAIT | LP_OPTIONS_DEADLINE |
			  LP_OPTIONS_CONFLICT,
		.min_arguments = 1,
		.max_arguments = 1,
	};

	lp_options_parse(options, &syntax, argc, (char **)argv);
}

static void test_selectors_keep_their_order(void **state)
{
	const char *argv[] = { "suture apply", "--pid=7", "fix.lp", "--name",	"nginx",
			       "--pid",	       "3",	  "--all",  "--object", "/lib/x.so" };
	struct lp_options options;

	(void)state;
	parse(&options, 10, argv);
	assert_string_equal(options.arguments[0], "fix.lp");
	assert_int_equal(options.n_selectors, 5);
	assert_int_equal(options.selectors[0].pid, 7);
	assert_string_equal(options.selectors[1].text, "nginx");
	assert_int_equal(options.selectors[2].pid, 3);
	assert_int_equal(options.selectors[3].kind, LP_SELECT_ALL);
	assert_string_equal(options.selectors[4].text, "/lib/x.so");
	assert_false(lp_options_only_all(&options));
	lp_options_deinit(&options);
}

static void test_defaults(void **state)
{
	const char *argv[] = { "suture apply", "fix.lp", "--all" };
	struct lp_options options;

	(void)state;
	parse(&options, 3, argv);
	assert_int_equal(options.timeout_ms, 30000);
	assert_int_equal(options.on_timeout, SUTURE_LEAVE);
	assert_false(options.json || options.no_wait || options.override ||
		     options.replace_conflicting);
	assert_true(lp_options_only_all(&options));
	lp_options_deinit(&options);
}

static void test_what_happens_then(void **state)
{
	const char *argv[] = { "suture apply", "fix.lp", "--all",  "--timeout", "500ms",
			       "--on-timeout", "force",	 "--json", "--override" };
	struct lp_options options;

	(void)state;
	parse(&options, 9, argv);
	assert_int_equal(options.timeout_ms, 500);
	assert_int_equal(options.on_timeout, SUTURE_FORCE_IT);
	assert_true(options.json && options.override);
	lp_options_deinit(&options);
}

static void test_worst_exit_status(void **state)
{
	static const int from_good_to_bad[] = { 0, 4, 1, 3 };

	(void)state;
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 4; j++)
			assert_int_equal(lp_exit_worse(from_good_to_bad[i], from_good_to_bad[j]),
					 from_good_to_bad[i > j ? i : j]);
}

static void test_hints(void **state)
{
	static const enum lp_reason hinted[] = {
		LP_REASON_NO_TRANSITION, LP_REASON_NOTHING_TO_UNDO, LP_REASON_FORCED,
		LP_REASON_STATE_VERSION, LP_REASON_BLOCK_DISABLE,   LP_REASON_CALLBACK_FAILED,
		LP_REASON_PADDING_TAKEN, LP_REASON_COROUTINES,	    LP_REASON_UNSUPPORTED_TARGET,
		LP_REASON_PINNED,	 LP_REASON_IN_USE,	    LP_REASON_PATCH_ENABLED,
	};

	(void)state;
	assert_non_null(strstr(lp_hint_text("conflict-function"), "--replace-conflicting"));
	assert_null(lp_hint_text("no-such-word"));
	assert_null(lp_hint_text(lp_reason_word(LP_REASON_NONE)));
	for (size_t i = 0; i < sizeof(hinted) / sizeof(hinted[0]); i++)
		if (!lp_hint_text(lp_reason_word(hinted[i])))
			fail_msg("%s: no hint", lp_reason_word(hinted[i]));
	assert_non_null(strstr(lp_hint_text("patch-enabled"), "forced"));
}

/* A file that cannot be read is no better for `suture info`; one that an agent refused is. */
static void test_hints_about_files(void **state)
{
	static const char *const words[] = { "bad-file", "unsupported-target" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char *hint = lp_hint_about(getpid(), words[i], "");

		assert_string_equal(hint, lp_hint_text(words[i]));
		free(hint);
		assert_null(lp_hint_about(0, words[i], ""));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_selectors_keep_their_order),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_what_happens_then),
		cmocka_unit_test(test_worst_exit_status),
		cmocka_unit_test(test_hints),
		cmocka_unit_test(test_hints_about_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
