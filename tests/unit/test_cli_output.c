/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a process says of itself reaches no terminal as an order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/output.h"

static void assert_shown(const char *text, const char *expected)
{
	char *shown;
	size_t size;
	FILE *stream = open_memstream(&shown, &size);

	assert_non_null(stream);
	lp_output_text(stream, text);
	fclose(stream);
	assert_string_equal(shown, expected);
	free(shown);
}

static void test_text(void **state)
{
	(void)state;
	assert_shown("", "");
	assert_shown("plain ~", "plain ~");
	assert_shown("a\033[2Jb\n\tc\177", "a?[2Jb??c?");
	/* U+0080 to U+009F, CSI among them, and U+00A0 */
	assert_shown("a\xc2\x9b"
		     "2Jb",
		     "a?2Jb");
	assert_shown("\xc2\x80\xc2\x9f\xc2\xa0", "??\xc2\xa0");
	/* letters in UTF-8, whose bytes are partly the same: U+00DB, U+201B, U+1F61B */
	assert_shown("\xc3\x9b \xe2\x80\x9b \xf0\x9f\x98\x9b",
		     "\xc3\x9b \xe2\x80\x9b \xf0\x9f\x98\x9b");
	/* not UTF-8: CSI of one byte, in the middle of other characters, cut off */
	assert_shown("a\x9b"
		     "2J\xe9",
		     "a?2J\xe9");
	assert_shown("\xe2\x9b", "\xe2?");
	assert_shown("\xf0\x9f"
		     "a",
		     "\xf0?a");
	assert_shown("\xc0\x9b", "\xc0?");
	assert_shown("\xe0\x82\x9b", "\xe0??");
	assert_shown("\xc2", "\xc2");
}

static void test_json(void **state)
{
	json_t *body = json_pack("{s:s}", "patch", "\xc2\x9b\177\xc3\x9b");
	int keep = dup(STDOUT_FILENO);
	FILE *file = tmpfile();
	char line[128] = "";

	(void)state;
	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	lp_output_json(1, "a\xc2\x85", body);
	dup2(keep, STDOUT_FILENO);
	close(keep);
	rewind(file);
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	json_decref(body);
	assert_string_equal(line, "{\"pid\":1,\"comm\":\"a\\u0085\","
				  "\"patch\":\"\\u009b\\u007f\xc3\x9b\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
