// SPDX-License-Identifier: LGPL-2.1-or-later
/* From a source tree, a diff and make to pairs of objects. Argument: suture-recorder.so */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "units/units.h"

static const char *recorder;
static char base[64]; /* a.orig: the tree; b: the same, changed; work.N */
static char messages[16384];
static unsigned int runs;

__attribute__((format(printf, 1, 2))) static int shell(const char *format, ...)
{
	char command[4096];
	va_list args;
	int size = snprintf(command, sizeof(command), "cd %s && ", base);

	va_start(args, format);
	vsnprintf(command + size, sizeof(command) - (size_t)size, format, args);
	va_end(args);
	return system(command);
}

static void put(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", base, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	(void)state;
	strcpy(base, "/tmp/test_units.XXXXXX");
	assert_non_null(mkdtemp(base));
	assert_int_equal(shell("mkdir a b"), 0);
	put("a/one.h", "#define LIMIT 10\n");
	put("a/one.c", "#include \"one.h\"\n"
		       "int limit(int x)\n{\n\treturn x > LIMIT;\n}\n\n"
		       "int line(void)\n{\n\treturn __LINE__;\n}\n");
	put("a/two.c", "#include \"one.h\"\nint two(void)\n{\n\treturn LIMIT;\n}\n");
	put("a/main.c", "int limit(int), two(void);\n"
			"int main(void)\n{\n\treturn limit(two());\n}\n");
	put("a/Makefile", "CFLAGS = -O2 -Wall -Werror -MMD -MP\n"
			  "prog: main.o one.o two.o\n\t$(CC) -o $@ $^\n-include *.d\n");
	runs = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return shell("rm -rf %s", base);
}

/* After the tree is finished: its copy, for changes. */
static void copy_tree(void)
{
	assert_int_equal(shell("rm -rf b && cp -a a b"), 0);
}

static void make_patch(void)
{
	shell("diff -ruN -x '*.o' -x '*.d' -x prog a b >fix.patch");
}

static void report(void *context, enum lp_severity severity, const char *reason, const char *text)
{
	static const char *const words[] = { "note", "warning", "error" };
	size_t used = strlen(messages);

	(void)context;
	snprintf(messages + used, sizeof(messages) - used, "%s %s: %s\n", words[severity],
		 reason ? reason : "-", text);
}

static int make_with(struct lp_units *units, const char *make, const char *clean)
{
	char source[256], patch[256], work[256];

	snprintf(source, sizeof(source), "%s/a", base);
	snprintf(patch, sizeof(patch), "%s/fix.patch", base);
	snprintf(work, sizeof(work), "%s/work.%u", base, runs++);
	assert_int_equal(mkdir(work, 0700), 0);
	messages[0] = '\0';
	return lp_units_make(units, &(struct lp_units_options){ .source = source,
								.patch = patch,
								.make = make,
								.clean = clean,
								.work = work,
								.recorder = recorder,
								.report = report });
}

/* What a user's tree is, to the last byte, time and number. */
static void remember_tree(const char *name)
{
	assert_int_equal(
		shell("(cd a && find . | sort | xargs stat -c '%%n %%i %%Y %%Z %%s %%a' && "
		      "find . -type f | sort | xargs cat) >%s",
		      name),
		0);
}

static void make_good(struct lp_units *units, const char *make)
{
	int err;

	make_patch();
	remember_tree("before");
	err = make_with(units, make, NULL);
	if (err)
		fail_msg("%s: %s", strerror(-err), messages);
	remember_tree("after");
	assert_int_equal(shell("cmp before after"), 0);
}

static void check_unit(const struct lp_unit *unit, const char *source, const char *output)
{
	assert_string_equal(unit->source, source);
	assert_string_equal(unit->output, output);
	assert_true(!unit->original || !access(unit->original, R_OK));
	assert_true(!unit->patched || !access(unit->patched, R_OK));
}

/* The code of a function is the same in both. */
static bool same_code(const struct lp_unit *unit, const char *function)
{
	return !shell("for o in %s %s; do objcopy -O binary -j .text.%s $o $o.%s || exit 2; done; "
		      "cmp %s.%s %s.%s >cmp.out",
		      unit->original, unit->patched, function, function, unit->original, function,
		      unit->patched, function);
}

static void test_finished_tree(void **state)
{
	struct lp_units units;

	(void)state;
	assert_int_equal(shell("make -s -C a"), 0);
	copy_tree();
	assert_int_equal(shell("sed -i 's/return x > LIMIT/x++;\\n\\treturn x > LIMIT/' b/one.c"),
			 0);
	make_good(&units, NULL);
	assert_int_equal(units.count, 1);
	check_unit(&units.list[0], "one.c", "one.o");
	assert_false(units.list[0].lto);
	assert_false(same_code(&units.list[0], "limit"));
	assert_true(same_code(&units.list[0], "line"));
	lp_units_free(&units);
}

static void test_unbuilt_tree(void **state)
{
	struct lp_units units;

	(void)state;
	copy_tree();
	assert_int_equal(shell("sed -i 's/10/11/' b/one.h"), 0);
	make_good(&units, "make -s");
	assert_int_equal(units.count, 2);
	check_unit(&units.list[0], "one.c", "one.o");
	check_unit(&units.list[1], "two.c", "two.o");
	assert_false(same_code(&units.list[1], "two"));
	lp_units_free(&units);
}

static void test_same_bytes(void **state)
{
	struct lp_units first, second;

	(void)state;
	put("a/two.c", "#include \"one.h\"\nint two(void)\n{\n\treturn LIMIT + sizeof(__DATE__ "
		       "__TIME__ __TIMESTAMP__ __FILE__);\n}\n"
		       "const char *when(void)\n{\n\treturn __TIMESTAMP__ __DATE__ __TIME__;\n}\n");
	assert_int_equal(shell("make -s -C a"), 0);
	copy_tree();
	assert_int_equal(shell("sed -i 's/10/11/' b/one.h"), 0);
	make_good(&first, NULL);
	make_good(&second, NULL);
	assert_int_equal(first.count, second.count);
	for (size_t i = 0; i < first.count; i++) {
		assert_string_equal(first.list[i].output, second.list[i].output);
		assert_int_equal(shell("cmp %s %s && cmp %s %s", first.list[i].original,
				       second.list[i].original, first.list[i].patched,
				       second.list[i].patched),
				 0);
	}
	/* and says when the program's own object was made */
	assert_true(same_code(&first.list[1], "when"));
	assert_int_equal(shell("strings -a %s | grep -q \"$(date -r a/two.o '+%%H:%%M:%%S')\"",
			       first.list[1].patched),
			 0);
	assert_int_equal(shell("! grep -q 'work\\.' %s", first.list[1].patched), 0);
	lp_units_free(&first);
	lp_units_free(&second);
}

static void test_new_and_gone(void **state)
{
	struct lp_units units;

	(void)state;
	assert_int_equal(shell("make -s -C a"), 0);
	copy_tree();
	put("b/new.c", "int two(void)\n{\n\treturn 12;\n}\n");
	assert_int_equal(shell("rm b/two.c && sed -i 's/two.o/new.o/' b/Makefile && touch a/two.c"),
			 0);
	make_good(&units, NULL);
	assert_int_equal(units.count, 2);
	check_unit(&units.list[0], "new.c", "new.o");
	assert_null(units.list[0].original);
	check_unit(&units.list[1], "two.c", "two.o");
	assert_null(units.list[1].patched);
	lp_units_free(&units);
}

static void test_compile_and_link(void **state)
{
	struct lp_units units;

	(void)state;
	put("a/Makefile", "both: one.c two.c main.c one.h\n"
			  "\t$(CC) -O2 -DA -o a.out one.c two.c main.c -lm\n"
			  "\t$(CC) -O2 -o b.out one.c two.c main.c\n\ttouch both\n");
	assert_int_equal(shell("make -s -C a"), 0);
	copy_tree();
	assert_int_equal(shell("sed -i 's/10/11/' b/one.h"), 0);
	make_good(&units, NULL);
	assert_int_equal(units.count, 6);
	check_unit(&units.list[0], "main.c", "main.c");
	check_unit(&units.list[1], "main.c", "main.c");
	assert_string_not_equal(units.list[0].original, units.list[1].original);
	check_unit(&units.list[5], "two.c", "two.c");
	assert_false(same_code(&units.list[5], "two"));
	lp_units_free(&units);
}

/* Only the patched build compiles it again: its original is made of the tree as it was. */
static void test_known_to_the_patched_build_only(void **state)
{
	struct lp_units units;

	(void)state;
	put("a/input", "10\n");
	put("a/Makefile", "CFLAGS = -O2\n"
			  "prog: main.o one.o two.o\n\t$(CC) -o $@ $^\none.o two.o: one.h\n"
			  "one.h: input\n\techo \"#define LIMIT $$(cat input)\" >$@.new; "
			  "cmp -s $@ $@.new && rm $@.new || mv $@.new $@\n");
	assert_int_equal(shell("rm a/one.h; make -s -C a"), 0);
	copy_tree();
	put("b/input", "11\n");
	make_good(&units, NULL);
	assert_int_equal(units.count, 2);
	check_unit(&units.list[0], "one.c", "one.o");
	assert_non_null(units.list[0].original);
	assert_false(same_code(&units.list[0], "limit"));
	lp_units_free(&units);
}

static void test_assembler(void **state)
{
	struct lp_units units;

	(void)state;
	put("a/asm.S", "#include \"one.h\"\n\t.globl asm\nasm:\n\tmovl $0, %eax\n\tret\n");
	assert_int_equal(shell("sed -i 's/two.o/two.o asm.o/' a/Makefile && make -s -C a"), 0);
	copy_tree();
	/* unchanged, though it is assembled again: fine */
	assert_int_equal(shell("sed -i 's/10/11/' b/one.h"), 0);
	make_good(&units, NULL);
	assert_int_equal(units.count, 2);
	check_unit(&units.list[0], "one.c", "one.o");
	lp_units_free(&units);
	assert_int_equal(shell("sed -i 's/\\$0/$1/' b/asm.S"), 0);
	make_patch();
	assert_int_equal(make_with(&units, NULL, NULL), -ECANCELED);
	assert_non_null(
		strstr(messages, "error asm-changed: changed hand-written assembler: asm.S"));
}

/* Names that are made of __LINE__ may come twice when lines keep their numbers. */
static void test_names_of_line_numbers(void **state)
{
	struct lp_units units;
	const char *end = "N(__LINE__)\nN(__LINE__)\nint two(void)\n{\n\treturn x(3);\n}\n";
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text),
		 "#define M(l) int v##l(void) { return l; }\n#define N(l) M(l)\n"
		 "static int x(int y)\n{\n\treturn y;\n}\n%s",
		 end);
	put("a/two.c", text);
	assert_int_equal(shell("make -s -C a"), 0);
	copy_tree();
	snprintf(text, sizeof(text),
		 "#define M(l) int v##l(void) { return l; }\n#define N(l) M(l)\n"
		 "static int x(int y)\n{\n\treturn y + 1;\n}\nN(__LINE__)\nN(__LINE__)\n"
		 "N(__LINE__)\nN(__LINE__)\n%s",
		 end);
	put("b/two.c", text);
	make_good(&units, NULL);
	assert_int_equal(units.count, 1);
	check_unit(&units.list[0], "two.c", "two.o");
	assert_non_null(units.list[0].patched);
	lp_units_free(&units);
}

/* A failed trial of the build's own is none of ours. */
static void test_trial_in_build(void **state)
{
	struct lp_units units;

	(void)state;
	put("a/trial.c", "#error no\n");
	put("a/Makefile", "CFLAGS = -O2\nprog: main.o one.o two.o\n"
			  "\t$(CC) -c trial.c -o trial.o 2>/dev/null || true\n"
			  "\t$(CC) -o $@ $^\none.o: one.h\n");
	assert_int_equal(shell("make -s -C a"), 0);
	copy_tree();
	assert_int_equal(shell("sed -i 's/10/11/' b/one.h"), 0);
	make_good(&units, NULL);
	/* two.c reads it too, which this Makefile does not know */
	assert_int_equal(units.count, 2);
	check_unit(&units.list[0], "one.c", "one.o");
	check_unit(&units.list[1], "two.c", "two.o");
	assert_non_null(
		strstr(messages, "note -: the build does not know by itself that two.c reads"));
	lp_units_free(&units);
}

static void test_lto(void **state)
{
	struct lp_units units;

	(void)state;
	assert_int_equal(shell("sed -i 's/-O2/-O2 -flto/' a/Makefile && make -s -C a"), 0);
	copy_tree();
	assert_int_equal(shell("sed -i 's/return x >/return 1 + x >/' b/one.c"), 0);
	make_good(&units, NULL);
	assert_int_equal(units.count, 1);
	assert_true(units.list[0].lto);
	assert_false(same_code(&units.list[0], "limit"));
	lp_units_free(&units);
}

/* Compiled again by the build, without any need. */
static void test_same_object(void **state)
{
	struct lp_units units;

	(void)state;
	assert_int_equal(shell("echo 'two.o main.o: one.c' >>a/Makefile && make -s -C a"), 0);
	copy_tree();
	assert_int_equal(shell("sed -i 's/return x >/return 1 + x >/' b/one.c"), 0);
	make_good(&units, NULL);
	assert_int_equal(units.count, 1);
	check_unit(&units.list[0], "one.c", "one.o");
	assert_int_equal(shell("grep -q main.c work.0/log/make.patched"), 0);
	lp_units_free(&units);
}

static void test_nothing_compiled(void **state)
{
	struct lp_units units;

	(void)state;
	put("a/README", "old\n");
	put("a/spare.c", "int spare;\n");
	assert_int_equal(shell("make -s -C a"), 0);
	copy_tree();
	put("b/README", "new\n");
	put("b/spare.c", "int other;\n");
	make_good(&units, NULL);
	assert_int_equal(units.count, 0);
	assert_non_null(strstr(messages, "warning -: the build compiles nothing"));
	assert_non_null(strstr(messages, "note -: spare.c is not compiled by this build"));
	lp_units_free(&units);
}

static void test_clean(void **state)
{
	struct lp_units units;

	(void)state;
	assert_int_equal(shell("make -s -C a"), 0);
	copy_tree();
	assert_int_equal(shell("sed -i 's/10/11/' b/one.h"), 0);
	make_patch();
	assert_int_equal(make_with(&units, "test ! -e prog.old && make -s", "rm -f *.o prog"), 0);
	assert_int_equal(units.count, 2);
	lp_units_free(&units);
	assert_int_equal(make_with(&units, NULL, "exit 3"), -ECANCELED);
	assert_non_null(strstr(messages, "error build-failed: \"exit 3\" failed with status 3"));
	assert_int_equal(access("a/prog", F_OK), -1);
}

static void refused(const char *reason, const char *make)
{
	struct lp_units units = { .count = 77 };

	remember_tree("before");
	assert_int_equal(make_with(&units, make, NULL), -ECANCELED);
	if (!strstr(messages, reason))
		fail_msg("not \"%s\" but %s", reason, messages);
	assert_int_equal(units.count, 77);
	remember_tree("after");
	assert_int_equal(shell("cmp before after"), 0);
}

static void test_refused(void **state)
{
	(void)state;
	assert_int_equal(shell("make -s -C a"), 0);
	copy_tree();
	assert_int_equal(shell("sed -i 's/10/11/' b/one.h"), 0);
	make_patch();
	refused("error build-failed: \"echo lost; exit 2\" failed with status 2, in a copy of the "
		"tree as it is:\nlost\n",
		"echo lost; exit 2");
	assert_int_equal(shell("sed -i 's/^-.*10/-#define LIMIT 12/' fix.patch"), 0);
	refused("error bad-patch: the diff does not apply:\n", NULL);
	assert_int_equal(shell("echo none >fix.patch"), 0);
	refused("error bad-patch: ", NULL);
	copy_tree();
	put("b/two.c", "int two(void)\n{\n\treturn undeclared;\n}\n");
	make_patch();
	refused("error build-failed: \"make -s\" failed with status 2, with the diff:\n",
		"make -s");
	assert_non_null(strstr(messages, "undeclared"));
}

/* A build directory beside the tree is no copy. */
static void test_build_outside(void **state)
{
	(void)state;
	assert_int_equal(shell("mkdir out && cp a/Makefile out && "
			       "sed -i '1iVPATH = ../a' out/Makefile && make -s -C out"),
			 0);
	copy_tree();
	assert_int_equal(shell("sed -i 's/return x >/return 1 + x >/' b/one.c"), 0);
	make_patch();
	refused("out, which is not in the source tree", "make -C ../out");
}

static void test_bad_places(void **state)
{
	char source[256], patch[256], work[256];
	struct lp_units units;
	struct lp_units_options options = { .source = source,
					    .patch = patch,
					    .work = work,
					    .recorder = recorder,
					    .report = report };

	(void)state;
	make_patch();
	snprintf(source, sizeof(source), "%s/a", base);
	snprintf(patch, sizeof(patch), "%s/fix.patch", base);
	snprintf(work, sizeof(work), "%s/a/work", base);
	assert_int_equal(shell("mkdir a/work"), 0);
	messages[0] = '\0';
	assert_int_equal(lp_units_make(&units, &options), -ECANCELED);
	assert_non_null(strstr(messages, "lies in the source tree"));
	snprintf(work, sizeof(work), "%s/none", base);
	assert_int_equal(lp_units_make(&units, &options), -ECANCELED);
	assert_non_null(strstr(messages, "none: No such file"));
	snprintf(source, sizeof(source), "%s/nothing", base);
	assert_int_equal(lp_units_make(&units, &options), -ECANCELED);
	assert_non_null(strstr(messages, "nothing: No such file"));
}

/* What make leaves behind holds a descriptor that ends with it: then it has. */
static void test_children_end(void **state)
{
	struct lp_units units;
	int end[2];
	char make[128], byte;

	(void)state;
	assert_int_equal(shell("make -s -C a"), 0);
	copy_tree();
	assert_int_equal(shell("sed -i 's/10/11/' b/one.h"), 0);
	make_patch();
	assert_int_equal(pipe(end), 0);
	snprintf(make, sizeof(make), "make -s && (setsid sleep 1000 >/dev/null 2>&1 &)");
	assert_int_equal(make_with(&units, make, NULL), 0);
	lp_units_free(&units);
	close(end[1]);
	assert_int_equal(read(end[0], &byte, 1), 0);
	close(end[0]);
}

/* And so does all of it with the caller. */
static void test_caller_ends(void **state)
{
	struct lp_units units;
	int end[2], ready[2];
	char make[128], byte;
	pid_t pid;

	(void)state;
	assert_int_equal(shell("make -s -C a"), 0);
	copy_tree();
	assert_int_equal(shell("sed -i 's/10/11/' b/one.h"), 0);
	make_patch();
	assert_int_equal(pipe(end), 0);
	assert_int_equal(pipe(ready), 0);
	snprintf(make, sizeof(make), "echo >&%d; exec sleep 1000", ready[1]);
	pid = fork();
	if (!pid)
		_exit(make_with(&units, make, NULL) != 0);
	close(end[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(read(end[0], &byte, 1), 0);
	close(end[0]);
	close(ready[0]);
}

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_finished_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unbuilt_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_new_and_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_compile_and_link, setup, teardown),
		cmocka_unit_test_setup_teardown(test_known_to_the_patched_build_only, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_assembler, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_of_line_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_trial_in_build, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lto, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_object, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_compiled, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clean, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_build_outside, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_children_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_caller_ends, setup, teardown),
	};

	if (count != 2) {
		fprintf(stderr, "usage: %s suture-recorder.so\n", arguments[0]);
		return 2;
	}
	recorder = arguments[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
