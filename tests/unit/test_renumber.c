// SPDX-License-Identifier: LGPL-2.1-or-later
/* Line numbers that a change of a source leaves as they were. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "units/renumber.h"

static void check(const char *original, const char *patched, const char *expected)
{
	char *text;
	size_t size;

	assert_int_equal(
		lp_renumber(original, strlen(original), patched, strlen(patched), &text, &size), 0);
	assert_string_equal(text, expected);
	assert_int_equal(size, strlen(expected));
	free(text);
}

static void test_same(void **state)
{
	(void)state;
	check("a;\nb;\n", "a;\nb;\n", "a;\nb;\n");
	check("", "", "");
	check("", "new;\n", "new;\n");
	check("gone;\n", "", "");
}

static void test_added_and_removed(void **state)
{
	(void)state;
	check("a;\nb;\nc;\n", "a;\nx;\ny;\nb;\nc;\n", "a;\nx;\ny;\n#line 2\nb;\nc;\n");
	check("a;\nb;\nc;\nd;\n", "a;\nc;\nd;\n", "a;\n#line 3\nc;\nd;\n");
	/* a changed line moves nothing */
	check("a;\nb;\nc;\n", "a;\nX;\nc;\n", "a;\nX;\nc;\n");
	/* without a newline at the end */
	check("a;\nb;", "a;\nx;\nb;", "a;\nx;\n#line 2\nb;");
	/* several hunks, each in its place */
	check("a;\nb;\nc;\nd;\n", "x;\na;\nb;\ny;\nc;\nd;\n",
	      "x;\n#line 1\na;\nb;\ny;\n#line 3\nc;\nd;\n");
}

static void test_not_within_comment(void **state)
{
	(void)state;
	check("/* a\nb\n*/\nc;\n", "/* a\nnew\nb\n*/\nc;\n", "/* a\nnew\nb\n*/\n#line 4\nc;\n");
	check("int a; /* of\nb */ int c;\nd;\n", "x;\nint a; /* of\nb */ int c;\nd;\n",
	      "x;\n#line 1\nint a; /* of\nb */ int c;\nd;\n");
	/* what looks like the beginning of one */
	check("s = \"/*\";\nc;\n", "x;\ns = \"/*\";\ny;\nc;\n",
	      "x;\n#line 1\ns = \"/*\";\ny;\n#line 2\nc;\n");
	check("// it's /*\nc;\n", "// it's /*\ny;\nc;\n", "// it's /*\ny;\n#line 2\nc;\n");
}

static void test_not_within_arguments(void **state)
{
	(void)state;
	check("f(a,\nb,\nc);\nd;\n", "f(a,\nx,\nb,\nc);\nd;\n", "f(a,\nx,\nb,\nc);\n#line 4\nd;\n");
	/* a parenthesis in a literal is none */
	check("f('(');\nb;\n", "f('(');\nx;\nb;\n", "f('(');\nx;\n#line 2\nb;\n");
	/* nor between a name and what may be its arguments */
	check("NAME\n(a);\nb;\n", "x;\nNAME\n(a);\nb;\n", "x;\n#line 1\nNAME\n(a);\nb;\n");
	check("a;\nNAME\n(a);\nb;\n", "a;\nNEW\nNAME\n(a);\nb;\n",
	      "a;\nNEW\nNAME\n(a);\n#line 4\nb;\n");
}

static void test_not_within_continued_line(void **state)
{
	(void)state;
	check("#define M(x) \\\n  a; \\\n  b\nc;\n",
	      "#define M(x) \\\n  new; \\\n  a; \\\n  b\nc;\n",
	      "#define M(x) \\\n  new; \\\n  a; \\\n  b\n#line 4\nc;\n");
	check("s = \"a\\\nb\";\nc;\n", "s = \"a\\\nnew\\\nb\";\nc;\n",
	      "s = \"a\\\nnew\\\nb\";\n#line 3\nc;\n");
	/* what a definition leaves open is not open behind it */
	check("#define OPEN f(\nc;\n", "#define OPEN f(\nx;\nc;\n",
	      "#define OPEN f(\nx;\n#line 2\nc;\n");
}

static void test_raw_string(void **state)
{
	(void)state;
	check("s = R\"x(\na \")\" ( \"\nb)x\";\nc;\n", "s = R\"x(\na \")\" ( \"\nnew\nb)x\";\nc;\n",
	      "s = R\"x(\na \")\" ( \"\nnew\nb)x\";\n#line 4\nc;\n");
	check("n = 1'000;\nc;\n", "n = 1'000;\nx;\nc;\n", "n = 1'000;\nx;\n#line 2\nc;\n");
}

static void test_behind_conditional(void **state)
{
	(void)state;
	check("#ifdef A\na;\nb;\n#endif\nc;\nd;\n", "#ifdef A\na;\nx;\nb;\n#endif\nc;\nd;\n",
	      "#ifdef A\na;\nx;\n#line 3\nb;\n#endif\n#line 5\nc;\nd;\n");
	check("#if A\na;\nb;\n#else\nc;\n#endif\nd;\n",
	      "#if A\na;\nx;\nb;\n#else\nc;\n#endif\nd;\n",
	      "#if A\na;\nx;\n#line 3\nb;\n#else\n#line 5\nc;\n#endif\n#line 7\nd;\n");
	/* apostrophes and parentheses in what is not compiled */
	check("#if 0\ndon't (\n#endif\na;\nb;\n", "#if 0\ndon't (\n#endif\na;\nx;\nb;\n",
	      "#if 0\ndon't (\n#endif\na;\nx;\n#line 5\nb;\n");
	/* branches that open one parenthesis each */
	check("#if A\nif (a &&\n#else\nif (b &&\n#endif\nc)\nd;\ne;\n",
	      "#if A\nif (a &&\n#else\nif (b &&\n#endif\nc)\nd;\nx;\ne;\n",
	      "#if A\nif (a &&\n#else\nif (b &&\n#endif\nc)\nd;\nx;\n#line 8\ne;\n");
}

static void test_numbers_of_its_own(void **state)
{
	(void)state;
	check("a;\n#line 50 \"g.y\"\nb;\nc;\n", "a;\n#line 50 \"g.y\"\nb;\nx;\nc;\n",
	      "a;\n#line 50 \"g.y\"\nb;\nx;\n#line 51\nc;\n");
	check("a;\n#line 50 \"g.y\"\nb;\nc;\n", "a;\n#line 52 \"g.y\"\nb;\nc;\n",
	      "a;\n#line 52 \"g.y\"\n#line 50\nb;\nc;\n");
	check("a;\n# 50 \"g.y\" 2\nb;\nc;\n", "x;\na;\n# 50 \"g.y\" 2\nb;\nc;\n",
	      "x;\n#line 1\na;\n# 50 \"g.y\" 2\nb;\nc;\n");
}

/* --- random texts: a model of the preprocessor tells which lines keep their numbers --- */

#define MOST 200

static uint64_t seed;

static unsigned int any(unsigned int below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned int)(seed >> 33) % below;
}

struct program {
	char lines[MOST][16];
	size_t count;
};

/* "sN;" each once; #if Cn, #else and #endif in good order */
static void add_random(struct program *program, unsigned int *serial, size_t count)
{
	bool other[8];
	unsigned int depth = 0;

	while (count--) {
		char *line = program->lines[program->count++];

		if (any(5) == 0 && depth < 8) {
			snprintf(line, 16, "#if C%u", any(4));
			other[depth++] = false;
		} else if (depth && any(5) == 0) {
			strcpy(line, "#endif");
			depth--;
		} else if (depth && !other[depth - 1] && any(6) == 0) {
			strcpy(line, "#else");
			other[depth - 1] = true;
		} else {
			snprintf(line, 16, "s%u;", (*serial)++);
		}
	}
	while (depth--)
		strcpy(program->lines[program->count++], "#endif");
}

/* Leaves out and puts in statements, and groups as a whole. */
static void change(const struct program *from, struct program *to, unsigned int *serial)
{
	for (size_t i = 0; i < from->count; i++) {
		if (any(12) == 0)
			add_random(to, serial, 1 + any(3));
		if (*from->lines[i] == '#' || any(10))
			strcpy(to->lines[to->count++], from->lines[i]);
	}
}

static char *text_of(const struct program *program)
{
	char *text = calloc(MOST, 16), *at = text;

	for (size_t i = 0; i < program->count; i++)
		at += sprintf(at, "%s\n", program->lines[i]);
	return text;
}

/* numbers[N]: the line that statement sN has if the conditions are `set`; 0: it is not compiled */
static void preprocess(const char *text, unsigned int set, long *numbers, size_t size)
{
	bool on[16] = { true };
	unsigned int depth = 0;
	long number = 1;

	memset(numbers, 0, size * sizeof(*numbers));
	for (; *text; text = strchr(text, '\n') + 1, number++) {
		if (!strncmp(text, "#if C", 5)) {
			on[depth + 1] = on[depth] && (set >> (text[5] - '0') & 1);
			depth++;
		} else if (!strncmp(text, "#else", 5)) {
			on[depth] = on[depth - 1] && !on[depth];
		} else if (!strncmp(text, "#endif", 6)) {
			depth--;
		} else if (on[depth] && !strncmp(text, "#line", 5)) {
			number = atol(text + 6) - 1;
		} else if (on[depth] && *text == 's') {
			numbers[atol(text + 1)] = number;
		}
	}
}

static void test_random(void **state)
{
	enum { SERIALS = 4 * MOST };
	static long before[SERIALS], after[SERIALS];

	(void)state;
	for (unsigned int round = 0; round < 3000; round++) {
		struct program original = { .count = 0 }, patched = { .count = 0 };
		unsigned int serial = 0, known;
		char *old, *new, *text;
		size_t size;

		seed = round;
		add_random(&original, &serial, 40);
		known = serial;
		change(&original, &patched, &serial);
		old = text_of(&original);
		new = text_of(&patched);
		assert_int_equal(lp_renumber(old, strlen(old), new, strlen(new), &text, &size), 0);
		for (unsigned int set = 0; set < 16; set++) {
			preprocess(old, set, before, SERIALS);
			preprocess(text, set, after, SERIALS);
			for (unsigned int i = 0; i < known; i++)
				if (before[i] && after[i] && before[i] != after[i])
					fail_msg("round %u: s%u was %ld, is %ld in\n%s", round, i,
						 before[i], after[i], text);
		}
		free(old);
		free(new);
		free(text);
	}
}

/* Thousands of other lines: the common beginning and end keep their numbers. */
static void test_many_differences(void **state)
{
	size_t room = 400000;
	char *old = malloc(room), *new = malloc(room), *a = old, *b = new, *text;
	size_t size;

	(void)state;
	a += sprintf(a, "first;\n");
	b += sprintf(b, "first;\n");
	for (int i = 0; i < 8000; i++) {
		a += sprintf(a, "old%d;\n", i);
		b += sprintf(b, "new%d;\nand%d;\n", i, i);
	}
	a += sprintf(a, "last;\n");
	b += sprintf(b, "last;\n");
	assert_int_equal(lp_renumber(old, (size_t)(a - old), new, (size_t)(b - new), &text, &size),
			 0);
	assert_non_null(strstr(text, "#line 8002\nlast;\n"));
	free(old);
	free(new);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_added_and_removed),
		cmocka_unit_test(test_not_within_comment),
		cmocka_unit_test(test_not_within_arguments),
		cmocka_unit_test(test_not_within_continued_line),
		cmocka_unit_test(test_raw_string),
		cmocka_unit_test(test_behind_conditional),
		cmocka_unit_test(test_numbers_of_its_own),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_many_differences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
