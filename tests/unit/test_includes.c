// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which sources read what has changed, by their #include lines. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "units/disk.h"
#include "units/includes.h"

static char directory[] = "/tmp/test_includes.XXXXXX";
static char original[64], patched[64];

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(original, sizeof(original), "%s/original", directory);
	snprintf(patched, sizeof(patched), "%s/patched", directory);
	return 0;
}

static int teardown(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

static void put(const char *tree, const char *name, const char *text)
{
	char *path = lp_disk_format("%s/%s", tree, name);

	assert_non_null(path);
	assert_int_equal(lp_disk_make_parents(path), 0);
	assert_int_equal(lp_disk_write(path, text, strlen(text)), 0);
	free(path);
}

static void both(const char *name, const char *text)
{
	put(original, name, text);
	put(patched, name, text);
}

/* Names in any order, and a blank behind each. */
static void expect(const char *const *touched, const char *names)
{
	struct lp_words readers = { 0 }, files = { 0 };
	size_t size = 0;

	lp_words_add_all(&files, touched);
	assert_int_equal(lp_includes_readers(&readers, original, patched, &files), 0);
	for (size_t i = 0; i < readers.count; i++) {
		char *name = lp_disk_format("%s ", readers.list[i]);

		if (!strstr(names, name))
			fail_msg("%s does not read it", name);
		size += strlen(name);
		free(name);
	}
	assert_int_equal(size, strlen(names));
	lp_words_free(&readers);
	lp_words_free(&files);
}

static void test_readers(void **state)
{
	(void)state;
	both("inc/limit.h", "#define LIMIT 100\n");
	both("inc/deep.h", "int x;\n#  include <limit.h>\n");
	both("other/limit.h", "#define OTHER\n");
	both("a.c", "#include <stdio.h>\n\t# include \"inc/limit.h\"\n");
	both("b.cc", "#include \"deep.h\"\r\n");
	both("src/c.c", "#include \"../inc/deep.h\"\n");
	both("src/d.c", "#include_next <limit.h>");
	both("src/e.c", "// limit.h\nint e; #include \"limit.h\"\n#define x <limit.h>\n");
	both("src/f.c", "#include <mylimit.h>\n#include <other/limit.h>\n");
	/* its own one lies beside it */
	both("other/g.c", "#include \"limit.h\"\n");
	both("src/h.c", "#include <x/../../inc/limit.h>\n");
	both("notes.txt", "#include <limit.h>\n");
	expect(NULL, "");
	put(patched, "inc/limit.h", "#define LIMIT 10\n");
	expect((const char *[]){ "inc/limit.h", NULL }, "a.c b.cc src/c.c src/d.c src/h.c ");
	/* that it was touched need not be said: it may be generated */
	expect(NULL, "a.c b.cc src/c.c src/d.c src/h.c ");
}

static void test_other_names(void **state)
{
	char *path = lp_disk_format("%s/gone.h", patched);

	(void)state;
	both("inc/limit.h", "#define LIMIT 100\n");
	both("table.tbl", "1, 2\n");
	both("gone.h", "");
	both("i.c", "#include \"table.tbl\"\n");
	both("j.c", "#include <gone.h>\n");
	both("k.c", "#include \"j.c\"\n");
	expect(NULL, "");
	put(patched, "table.tbl", "1, 2, 3\n");
	expect((const char *[]){ "table.tbl", NULL }, "i.c ");
	assert_non_null(path);
	unlink(path);
	free(path);
	expect((const char *[]){ "gone.h", NULL }, "j.c k.c ");
	/* a source reads itself */
	put(patched, "i.c", "#include \"table.tbl\"\nint i;\n");
	expect(NULL, "i.c ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readers),
		cmocka_unit_test(test_other_names),
	};

	return cmocka_run_group_tests_name("includes", tests, setup, teardown);
}
