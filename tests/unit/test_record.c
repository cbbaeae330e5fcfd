// SPDX-License-Identifier: LGPL-2.1-or-later
/* The log of a build, and command lines of compilers taken apart. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "units/record.h"
#include "units/recorder.h"

static char log_path[64];

static int setup(void **state)
{
	int fd;

	(void)state;
	strcpy(log_path, "/tmp/test_record.XXXXXX");
	fd = mkstemp(log_path);
	assert_true(fd >= 0);
	close(fd);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(log_path);
	return 0;
}

static void put(char **at, const char *string)
{
	strcpy(*at, string);
	*at += strlen(string) + 1;
}

/* Appends a record: arguments are parted by blanks, response by response of "+text" or "-". */
static void record(const char *cwd, const char *arguments, const char *response)
{
	struct lp_recorder_header header = { .magic = LP_RECORDER_MAGIC, .n_variables = 2 };
	char bytes[4096], *at = bytes + sizeof(header), *copy = strdup(arguments), *save = NULL;
	FILE *log = fopen(log_path, "ab");

	put(&at, "/usr/bin/gcc-12");
	put(&at, cwd);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		put(&at, word);
		header.n_arguments++;
	}
	put(&at, "PATH=/bin");
	put(&at, "LANG=C");
	if (response) {
		put(&at, response);
		header.n_responses = 1;
	}
	header.size = (uint32_t)(at - bytes);
	memcpy(bytes, &header, sizeof(header));
	assert_int_equal(fwrite(bytes, header.size, 1, log), 1);
	assert_int_equal(fclose(log), 0);
	free(copy);
}

static void join(char *text, char *const *words)
{
	*text = '\0';
	for (; *words; words++) {
		strcat(text, words[0]);
		if (words[1])
			strcat(text, " ");
	}
}

/* The one command of a log; what stays of it, its source and output. */
static void check(const char *command, const char *options, const char *source, const char *output)
{
	struct lp_compilations list;
	char text[1024];

	unlink(log_path);
	record("/nowhere/d", command, NULL);
	assert_int_equal(lp_compilations_read(&list, log_path), 0);
	if (!options) {
		assert_int_equal(list.count, 0);
	} else {
		assert_int_equal(list.count, 1);
		join(text, list.list[0].arguments);
		assert_string_equal(text, options);
		assert_string_equal(list.list[0].source, source);
		assert_string_equal(list.list[0].output, output);
	}
	lp_compilations_free(&list);
}

static void test_compilation(void **state)
{
	struct lp_compilations list;

	(void)state;
	record("/nowhere/d", "gcc -O2 -I inc -c ../a/./x.c -o ../b/x.o", NULL);
	assert_int_equal(lp_compilations_read(&list, log_path), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.list[0].program, "/usr/bin/gcc-12");
	assert_string_equal(list.list[0].cwd, "/nowhere/d");
	assert_string_equal(list.list[0].environment[0], "PATH=/bin");
	assert_string_equal(list.list[0].environment[1], "LANG=C");
	assert_null(list.list[0].environment[2]);
	assert_string_equal(list.list[0].source_argument, "../a/./x.c");
	assert_string_equal(list.list[0].source, "/nowhere/a/x.c");
	assert_string_equal(list.list[0].output_argument, "../b/x.o");
	assert_string_equal(list.list[0].output, "/nowhere/b/x.o");
	assert_false(list.list[0].links || list.list[0].assembler || list.list[0].lto);
	assert_null(list.list[0].language);
	lp_compilations_free(&list);
}

static void test_options(void **state)
{
	(void)state;
	check("cc -c s/x.c", "cc", "/nowhere/d/s/x.c", "/nowhere/d/x.o");
	check("cc -c /a/x.c -o/b/y.o", "cc", "/a/x.c", "/b/y.o");
	check("cc -MD -MP -MF x.d -MT x.o -MQ x -MMD -O2 -c x.c", "cc -O2", "/nowhere/d/x.c",
	      "/nowhere/d/x.o");
	check("cc -Wp,-MD,.x.d -Wp,-D_FORTIFY_SOURCE=2 -Wp,-MMD,y.d,-DX -MFx.d -c x.c",
	      "cc -Wp,-D_FORTIFY_SOURCE=2 -Wp,-DX", "/nowhere/d/x.c", "/nowhere/d/x.o");
	check("cc -save-temps=obj -gsplit-dwarf -g -lfoo -l bar -c x.c", "cc -g", "/nowhere/d/x.c",
	      "/nowhere/d/x.o");
	/* words behind an option that are no sources */
	check("cc -include conf.c -D X.c -U y.c -isystem z.c --param a.c -c x.c",
	      "cc -include conf.c -D X.c -U y.c -isystem z.c --param a.c", "/nowhere/d/x.c",
	      "/nowhere/d/x.o");
	check("clang++ -Xclang a.cc -target b.cc -c x.cc", "clang++ -Xclang a.cc -target b.cc",
	      "/nowhere/d/x.cc", "/nowhere/d/x.o");
}

static void test_left_out(void **state)
{
	(void)state;
	check("cc -E x.c", NULL, NULL, NULL);
	check("cc -S x.c -o x.s", NULL, NULL, NULL);
	check("cc -MM x.c", NULL, NULL, NULL);
	check("cc -fsyntax-only x.c", NULL, NULL, NULL);
	check("cc -o prog x.o y.a z.so -lm", NULL, NULL, NULL);
	check("cc --version", NULL, NULL, NULL);
	check("cc -x c -c - -o x.o", NULL, NULL, NULL);
	check("cc -x c -c /dev/null -o x.o", NULL, NULL, NULL);
	check("cc -c x.c -o /dev/null", NULL, NULL, NULL);
	check("cc -c conftest.c", NULL, NULL, NULL);
	check("cc -c CMakeFiles/CMakeScratch/T/src.c", NULL, NULL, NULL);
	check("gfortran -c x.f90", NULL, NULL, NULL);
	check("cc -x c-header -c x.h -o x.h.gch", NULL, NULL, NULL);
	check("cc x.h", NULL, NULL, NULL);
	check("gcc -xlto -c x.c", NULL, NULL, NULL);
}

static void test_several_sources(void **state)
{
	struct lp_compilations list;

	(void)state;
	record("/nowhere/d", "cc -O2 -c s/b.c a.c", NULL);
	assert_int_equal(lp_compilations_read(&list, log_path), 0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.list[0].output, "/nowhere/d/a.o");
	assert_string_equal(list.list[1].output, "/nowhere/d/b.o");
	assert_string_equal(list.list[1].output_argument, "b.o");
	lp_compilations_free(&list);
}

static void test_compile_and_link(void **state)
{
	struct lp_compilations list;
	char text[256];

	(void)state;
	record("/nowhere/d", "cc -O2 -pie b.c a.c z.o -lm -o prog", NULL);
	record("/nowhere/d", "cc c.c", NULL);
	assert_int_equal(lp_compilations_read(&list, log_path), 0);
	assert_int_equal(list.count, 3);
	assert_true(list.list[0].links && list.list[1].links && list.list[2].links);
	assert_string_equal(list.list[0].output, "/nowhere/d/a.out");
	assert_string_equal(list.list[1].output, "/nowhere/d/prog");
	assert_string_equal(list.list[1].source, "/nowhere/d/a.c");
	assert_null(list.list[1].output_argument);
	assert_string_equal(list.list[2].source, "/nowhere/d/b.c");
	join(text, list.list[2].arguments);
	assert_string_equal(text, "cc -O2 -pie");
	lp_compilations_free(&list);
}

static void test_languages(void **state)
{
	struct lp_compilations list;

	(void)state;
	record("/nowhere", "cc -c a.S", NULL);
	record("/nowhere", "cc -c -x assembler-with-cpp b.inc -o b.o", NULL);
	record("/nowhere", "cc -c -xc++ c.txt -o c.o", NULL);
	record("/nowhere", "cc -c -x c -x none d.c -o d.o", NULL);
	assert_int_equal(lp_compilations_read(&list, log_path), 0);
	assert_int_equal(list.count, 4);
	assert_true(list.list[0].assembler);
	assert_null(list.list[0].language);
	assert_true(list.list[1].assembler);
	assert_string_equal(list.list[1].language, "assembler-with-cpp");
	assert_false(list.list[2].assembler);
	assert_string_equal(list.list[2].language, "c++");
	assert_null(list.list[3].language);
	lp_compilations_free(&list);
}

static void test_lto(void **state)
{
	struct lp_compilations list;

	(void)state;
	record("/nowhere", "cc -flto=auto -c a.c", NULL);
	record("/nowhere", "cc -flto -fno-lto -c b.c", NULL);
	record("/nowhere", "cc -fno-lto -flto -c c.c", NULL);
	assert_int_equal(lp_compilations_read(&list, log_path), 0);
	assert_int_equal(list.count, 3);
	assert_true(list.list[0].lto);
	assert_false(list.list[1].lto);
	assert_true(list.list[2].lto);
	lp_compilations_free(&list);
}

static void test_response_file(void **state)
{
	struct lp_compilations list;
	char text[256];

	(void)state;
	record("/nowhere", "cc -O2 @x.rsp -g", "+-DA='b c' \"-DB=\\\"d\\\"\"\n -DC=e\\ f -c x.c\n");
	assert_int_equal(lp_compilations_read(&list, log_path), 0);
	assert_int_equal(list.count, 1);
	join(text, list.list[0].arguments);
	assert_string_equal(text, "cc -O2 -DA=b c -DB=\"d\" -DC=e f -g");
	lp_compilations_free(&list);
	/* what cannot be read is a word like others */
	unlink(log_path);
	record("/nowhere", "cc @gone -c x.c", "-");
	assert_int_equal(lp_compilations_read(&list, log_path), 0);
	assert_int_equal(list.count, 1);
	lp_compilations_free(&list);
}

/* libtool compiles twice, to two objects; a second compilation of one object counts. */
static void test_same_again(void **state)
{
	struct lp_compilations list;
	char text[256];

	(void)state;
	record("/nowhere", "cc -fPIC -DPIC -c x.c -o .libs/x.o", NULL);
	record("/nowhere", "cc -c x.c -o x.o", NULL);
	record("/nowhere", "cc -DLAST -c x.c -o x.o", NULL);
	record("/nowhere", "cc -c y.c -o x.o", NULL);
	assert_int_equal(lp_compilations_read(&list, log_path), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.list[0].output, "/nowhere/.libs/x.o");
	join(text, list.list[1].arguments);
	assert_string_equal(text, "cc -DLAST");
	assert_string_equal(list.list[2].source, "/nowhere/y.c");
	lp_compilations_free(&list);
}

static void test_no_log(void **state)
{
	struct lp_compilations list;

	(void)state;
	unlink(log_path);
	assert_int_equal(lp_compilations_read(&list, log_path), 0);
	assert_int_equal(list.count, 0);
	lp_compilations_free(&list);
}

/* Whatever is cut off or changed is found, or harmless. */
static void test_broken_log(void **state)
{
	struct lp_compilations list = { 0 };
	char bytes[4096];
	size_t size;
	FILE *log;

	(void)state;
	record("/nowhere", "cc -O2 @x -c x.c", "+-DX");
	log = fopen(log_path, "rb");
	size = fread(bytes, 1, sizeof(bytes), log);
	fclose(log);
	for (size_t cut = 1; cut < size; cut++) {
		assert_int_equal(truncate(log_path, (off_t)(size - cut)), 0);
		assert_int_equal(lp_compilations_read(&list, log_path), -EBADMSG);
	}
	for (size_t i = 0; i < sizeof(struct lp_recorder_header); i++) {
		char saved = bytes[i];

		bytes[i] ^= 0x7f;
		log = fopen(log_path, "wb");
		assert_int_equal(fwrite(bytes, size, 1, log), 1);
		fclose(log);
		bytes[i] = saved;
		if (!lp_compilations_read(&list, log_path))
			lp_compilations_free(&list);
	}
	assert_null(list.list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_compilation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_options, setup, teardown),
		cmocka_unit_test_setup_teardown(test_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several_sources, setup, teardown),
		cmocka_unit_test_setup_teardown(test_compile_and_link, setup, teardown),
		cmocka_unit_test_setup_teardown(test_languages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lto, setup, teardown),
		cmocka_unit_test_setup_teardown(test_response_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_log, setup, teardown),
		cmocka_unit_test_setup_teardown(test_broken_log, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
