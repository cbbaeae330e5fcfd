/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types before and after a patch, as gcc and clang describe them. Each case is two definitions of
 * one type; all cases are compiled together, once per compiler and format.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/build/layout.h"
#include "victim_file.h"

#define NOTHING ((enum lp_layout_kind) - 1)

struct layout_case {
	const char *type;
	const char *before; /* in front of both */
	const char *old, *new; /* what follows: members or values */
	enum lp_layout_kind kind;
	const char *text; /* behind "TYPE: " */
};

static const struct layout_case cases[] = {
	{ "struct same", "", "{ int a; struct same *next; }", "{ int a; struct same *next; }",
	  NOTHING, NULL },
	{ "struct grown", "", "{ long a; char *b; }", "{ long a; char *b; int limit; }",
	  LP_LAYOUT_GROWN, "size 16 -> 24; + int limit at 16" },
	{ "struct padded", "", "{ long a; char b; }", "{ long a; char b, c; }", LP_LAYOUT_FILLED,
	  "+ char c at 9" },
	{ "struct conn", "typedef unsigned long size_type;",
	  "{ char *name; int len, state; long pad[6]; struct conn *next; }",
	  "{ char *name; size_type len; int state; int limit; long pad[6]; struct conn *next; }",
	  LP_LAYOUT_CHANGED,
	  "size 72 -> 80; + int limit at 20; int len at 8 became size_type; "
	  "`state` moved 12 -> 16; `pad` moved 16 -> 24; `next` moved 64 -> 72" },
	{ "struct run", "", "{ int a, b, c; long d; unsigned int e:8; int f; }",
	  "{ int a, n, m, b, c; long d; unsigned int e:8; int f; }", LP_LAYOUT_CHANGED,
	  "size 32 -> 40; + int n at 4; + int m at 8; `b` to `f` (5 members) moved by 8" },
	{ "struct hole", "", "{ char a; long b; }", "{ char a; char c; long b; }", LP_LAYOUT_FILLED,
	  "+ char c at 1" },
	{ "struct shrunk", "", "{ int a; int b; }", "{ int a; }", LP_LAYOUT_REMOVED,
	  "size 8 -> 4; - int b at 4" },
	{ "struct renamed", "", "{ int a; int b; }", "{ int a; int count; }", LP_LAYOUT_CHANGED,
	  "int b at 4 is called `count` now" },
	{ "struct swapped", "", "{ int a; int b; }", "{ int b; int a; }", LP_LAYOUT_CHANGED,
	  "`a` moved 0 -> 4; `b` moved 4 -> 0" },
	{ "struct sign", "", "{ int a; }", "{ unsigned int a; }", LP_LAYOUT_CHANGED,
	  "int a at 0 became unsigned int" },
	/* the same under another name */
	{ "struct aliased", "typedef int number; typedef const number fixed;",
	  "{ int a; char *const b; long long c; }", "{ fixed a; const char *b; long long c; }",
	  NOTHING, NULL },
	{ "struct retyped", "typedef %s word_type;", "{ word_type a; }", "{ word_type a; }",
	  LP_LAYOUT_CHANGED, "size 4 -> 8; word_type a at 0, whose type changed (size 4 -> 8)" },
	/* behind a pointer the name counts, and nothing else */
	{ "struct pointing", "struct pointed { %s x; }; typedef struct { %s y; } unnamed;",
	  "{ struct pointed *a; unnamed *b; struct pointed *(*f)(struct pointed **, int); }",
	  "{ struct pointed *a; unnamed *b; struct pointed *(*f)(struct pointed **, int); }",
	  NOTHING, NULL },
	{ "struct repointed", "struct one; struct two;", "{ struct one *a; void *b; }",
	  "{ struct two *a; void *b; }", LP_LAYOUT_CHANGED,
	  "struct one *a at 0 became struct two *" },
	{ "struct recalled", "", "{ int (*cb)(int, char *); }", "{ int (*cb)(int, char *, int); }",
	  LP_LAYOUT_SIGNATURE, "int (*cb)(int, char *) at 0 became int (*)(int, char *, int)" },
	{ "struct embedding", "struct inner { %s x; };", "{ int a; struct inner in[2]; int z; }",
	  "{ int a; struct inner in[2]; int z; }", LP_LAYOUT_CHANGED,
	  "size 16 -> 32; struct inner in[2] at 4, whose type changed (size 8 -> 16), now at 8; "
	  "`z` moved 12 -> 24" },
	{ "struct array", "", "{ char name[16]; int grid[2][3]; }",
	  "{ char name[32]; int grid[3][2]; }", LP_LAYOUT_CHANGED,
	  "size 40 -> 56; char name[16] at 0 became char [32]; "
	  "int grid[2][3] at 16 became int [3][2] at 32" },
	{ "struct open", "", "{ int n; char data[]; }", "{ int n; int m; char data[]; }",
	  LP_LAYOUT_CHANGED, "size 4 -> 8; + int m at 4; `data` moved 4 -> 8" },
	{ "struct bits", "", "{ unsigned int a:3, b:5; unsigned int c:1; }",
	  "{ unsigned int a:4, b:5; unsigned int c:1; }", LP_LAYOUT_CHANGED,
	  "unsigned int a:3 at 0:0 became unsigned int:4; `b` moved 0:3 -> 0:4; "
	  "`c` moved 1:0 -> 1:1" },
	{ "struct morebits", "", "{ unsigned int a:3, b:5; }", "{ unsigned int a:3, b:5, c:2; }",
	  LP_LAYOUT_FILLED, "+ unsigned int c:2 at 1:0" },
	{ "struct unnamed_inside", "", "{ int t; union { int a; long b; }; }",
	  "{ int t; union { int a; long b; char c; }; int d; }", LP_LAYOUT_CHANGED,
	  "size 16 -> 24; + char c at 8; + int d at 16" },
	{ "struct regrouped", "", "{ int t; struct { int a; int b; }; }",
	  "{ struct { int t; int a; }; int b; }", NOTHING, NULL },
	{ "struct aligned", "", "{ long a; long b; }",
	  "{ long a; long b; } __attribute__((aligned(16)))", LP_LAYOUT_CHANGED,
	  "alignment 0 -> 16" },
	{ "union grown_union", "", "{ int a; char b; }", "{ int a; char b; long c; }",
	  LP_LAYOUT_GROWN, "size 4 -> 8; + long int c at 0" },
	{ "union shrunk_union", "", "{ int a; char b; }", "{ int a; }", LP_LAYOUT_REMOVED,
	  "- char b at 0" },
	{ "enum more", "", "{ MORE_A, MORE_B }", "{ MORE_A, MORE_B, MORE_C }", LP_LAYOUT_ENUM_ADDED,
	  "+ MORE_C = 2" },
	{ "enum shifted", "", "{ SHIFTED_A, SHIFTED_B = -4 }",
	  "{ SHIFTED_N, SHIFTED_A, SHIFTED_B = -5 }", LP_LAYOUT_CHANGED,
	  "+ SHIFTED_N = 0; SHIFTED_A 0 -> 1; SHIFTED_B -4 -> -5" },
	{ "enum fewer", "", "{ FEWER_A, FEWER_B }", "{ FEWER_A }", LP_LAYOUT_CHANGED,
	  "- FEWER_B = 1" },
	{ "enum wider", "", "{ WIDER_A }", "{ WIDER_A, WIDER_B = 0x100000000 }", LP_LAYOUT_CHANGED,
	  "size 4 -> 8; + WIDER_B = 4294967296" },
	/* more values do no harm to what holds them */
	{ "struct of_enum", "", "{ enum more a; }", "{ enum more a; }", NOTHING, NULL },
};

#define N_CASES (sizeof(cases) / sizeof(cases[0]))

static const char *const builds[] = {
	"gcc -gdwarf-5 -O2",
	"gcc -gdwarf-4 -O0",
	"gcc -gdwarf-5 -O1 -fdebug-types-section -fno-debug-types-section",
	"gcc -g3 -gz -O2",
	"gcc -gdwarf-5 -gsplit-dwarf -O2",
	"gcc -gdwarf-5 -O0 -ffunction-sections -fdata-sections",
	"clang -gdwarf-5 -O2",
	"clang -gdwarf-4 -O0 -ffunction-sections",
};

#define N_BUILDS (sizeof(builds) / sizeof(builds[0]))

struct found {
	char type[64];
	enum lp_layout_kind kind;
	char text[512];
	char declared_at[256];
	uint64_t old_size, new_size;
};

struct found_list {
	struct found list[2 * N_CASES];
	size_t count;
};

static struct victim_dir dir;

static void write_header(const char *name, bool new)
{
	const char *word = new ? "long" : "int";
	char path[256];
	FILE *file = fopen(victim_path(&dir, name, path, sizeof(path)), "w");

	assert_non_null(file);
	for (size_t i = 0; i < N_CASES; i++) {
		for (const char *c = cases[i].before; *c; c++)
			if (c[0] == '%' && c[1] == 's')
				c += fputs(word, file) >= 0;
			else
				fputc(*c, file);
		fprintf(file, "\n%s %s;\n", cases[i].type, new ? cases[i].new : cases[i].old);
		fprintf(file, "%s *use%zu;\n", cases[i].type, i);
	}
	assert_int_equal(fclose(file), 0);
}

static void compile(const char *compiler, const char *source, const char *object, const char *flags)
{
	char command[512];

	snprintf(command, sizeof(command), "%s -c %s %s -o %s", compiler, flags, source, object);
	assert_int_equal(victim_run(&dir, command), 0);
}

static int setup(void **state)
{
	char name[64];

	(void)state;
	victim_dir_init(&dir);
	write_header("old.c", false);
	write_header("new.c", true);
	for (size_t i = 0; i < N_BUILDS; i++) {
		snprintf(name, sizeof(name), "old%zu.o", i);
		compile(builds[i], "old.c", name, "");
		snprintf(name, sizeof(name), "new%zu.o", i);
		compile(builds[i], "new.c", name, "");
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	victim_dir_deinit(&dir);
	return 0;
}

static void keep(void *context, const struct lp_layout_change *change)
{
	struct found_list *found = context;
	struct found *one = &found->list[found->count++];

	assert_true(found->count <= sizeof(found->list) / sizeof(found->list[0]));
	snprintf(one->type, sizeof(one->type), "%s", change->type);
	snprintf(one->text, sizeof(one->text), "%s", change->text);
	snprintf(one->declared_at, sizeof(one->declared_at), "%s", change->declared_at);
	one->kind = change->kind;
	one->old_size = change->old_size;
	one->new_size = change->new_size;
}

static int compare(const char *old, const char *new, struct found_list *found)
{
	char old_path[256], new_path[256];

	found->count = 0;
	return lp_layout_compare(victim_path(&dir, old, old_path, sizeof(old_path)),
				 victim_path(&dir, new, new_path, sizeof(new_path)), keep, found);
}

static const struct found *find(const struct found_list *found, const char *type)
{
	const struct found *result = NULL;

	for (size_t i = 0; i < found->count; i++)
		if (!strcmp(found->list[i].type, type)) {
			if (result)
				fail_msg("%s was found twice", type);
			result = &found->list[i];
		}
	return result;
}

/* Compilers have their own names for long and the like. */
static void replace(char *text, const char *what, const char *with)
{
	char *at;

	while ((at = strstr(text, what))) {
		memmove(at + strlen(with), at + strlen(what), strlen(at + strlen(what)) + 1);
		memcpy(at, with, strlen(with));
	}
}

static void check_case(const struct layout_case *one, const struct found_list *list,
		       const char *build)
{
	const struct found *found = find(list, one->type);
	char want[512], have[512];

	if (one->kind == NOTHING) {
		if (found)
			fail_msg("%s: %s", build, found->text);
		return;
	}
	if (!found)
		fail_msg("%s: nothing about %s", build, one->type);
	snprintf(want, sizeof(want), "%s: %s", one->type, one->text);
	snprintf(have, sizeof(have), "%s", found->text);
	replace(want, "long int", "long");
	replace(have, "long int", "long");
	if (strcmp(have, want) != 0)
		fail_msg("%s:\nhave %s\nwant %s", build, have, want);
	if (found->kind != one->kind)
		fail_msg("%s: %s is %d", build, found->text, found->kind);
	if (!strstr(found->declared_at, "old.c:"))
		fail_msg("%s: %s is declared at \"%s\"", build, one->type, found->declared_at);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_BUILDS; i++) {
		struct found_list found;
		char old[64], new[64];

		snprintf(old, sizeof(old), "old%zu.o", i);
		snprintf(new, sizeof(new), "new%zu.o", i);
		assert_int_equal(compare(old, new, &found), 0);
		for (size_t k = 0; k < N_CASES; k++)
			check_case(&cases[k], &found, builds[i]);
		assert_int_equal(compare(old, old, &found), 0);
		assert_int_equal(found.count, 0);
	}
}

static void test_sizes_and_place(void **state)
{
	struct found_list found;
	const struct found *one;

	(void)state;
	assert_int_equal(compare("old0.o", "new0.o", &found), 0);
	one = find(&found, "struct grown");
	assert_non_null(one);
	assert_int_equal(one->old_size, 16);
	assert_int_equal(one->new_size, 24);
	/* two lines each: what stands before, and the type; then its use */
	assert_string_equal(strrchr(one->declared_at, ':'), ":5");
	/* and what the cases have beside them */
	one = find(&found, "unnamed");
	assert_non_null(one);
	assert_string_equal(one->text, "unnamed: size 4 -> 8; int y at 0 became long int");
	assert_non_null(find(&found, "struct inner"));
	assert_non_null(find(&found, "struct pointed"));
}

/* Types of one name in functions and blocks are different types. */
static void test_scopes(void **state)
{
	static const char source[] =
		"int f(int x) { struct local { int a; } v = { x }; { struct local { long b; } w = {"
		" x }; x += w.b; } return v.a + x; }\n"
		"int g(int x) { struct local { int a; TYPE b; } v = { x, 1 }; return v.a + v.b; }\n";
	struct found_list found;

	(void)state;
	victim_write(&dir, "scope.c", source);
	for (size_t i = 0; i < N_BUILDS; i++) {
		compile(builds[i], "scope.c", "a.o", "-DTYPE=char");
		compile(builds[i], "scope.c", "b.o", "-DTYPE=int");
		assert_int_equal(compare("a.o", "b.o", &found), 0);
		assert_int_equal(found.count, 1);
		assert_string_equal(found.list[0].text, "struct local: char b at 4 became int");
	}
}

/* Objects of several units, where one header is in each. */
static void test_units(void **state)
{
	struct found_list found;

	(void)state;
	victim_write(&dir, "both.h", "struct shared { int a;\n#ifdef MORE\nint b;\n#endif\n};\n");
	victim_write(&dir, "u1.c",
		     "#include \"both.h\"\nint f(struct shared *s) { return s->a; }\n");
	victim_write(&dir, "u2.c",
		     "#include \"both.h\"\nstruct own { struct shared s; };\n"
		     "int g(struct own *o) { return o->s.a; }\n");
	assert_int_equal(victim_run(&dir, "gcc -g -c u1.c u2.c && ld -r u1.o u2.o -o a.o && "
					  "gcc -DMORE -g -c u1.c u2.c && ld -r u1.o u2.o -o b.o"),
			 0);
	assert_int_equal(compare("a.o", "b.o", &found), 0);
	assert_int_equal(found.count, 2);
	assert_string_equal(found.list[0].type, "struct shared");
	assert_int_equal(found.list[0].kind, LP_LAYOUT_GROWN);
	assert_non_null(strstr(found.list[0].declared_at, "both.h:1"));
	assert_string_equal(found.list[1].text, "struct own: size 4 -> 8; "
						"struct shared s at 0, whose type changed "
						"(size 4 -> 8)");
}

static void test_cplusplus(void **state)
{
	static const char source[] =
		"namespace app { template <class T> struct Box { T t; static int count; };\n"
		"class Base { public: virtual ~Base(); int a;\n#ifdef NEW\nint c;\n#endif\n};\n"
		"class Derived : public Base { int b; enum class Kind : char { one,\n"
		"#ifdef NEW\ntwo\n#endif\n} kind;\n"
		"public: int get() { return b + (int)kind; } };\nBase::~Base() {}\n}\n"
		"int f(app::Derived &d, app::Box<long> *b) { return d.get() + b->t; }\n";
	static const char *const compilers[] = { "g++ -g -O1 -femit-class-debug-always",
						 "clang++ -g -O1 -fstandalone-debug" };
	struct found_list found;

	(void)state;
	victim_write(&dir, "x.cc", source);
	for (size_t i = 0; i < 2; i++) {
		compile(compilers[i], "x.cc", "a.o", "");
		compile(compilers[i], "x.cc", "b.o", "-DNEW");
		assert_int_equal(compare("a.o", "b.o", &found), 0);
		assert_non_null(find(&found, "class app::Base"));
		assert_int_equal(find(&found, "class app::Base")->kind, LP_LAYOUT_FILLED);
		assert_non_null(find(&found, "class app::Derived"));
		assert_int_equal(find(&found, "class app::Derived")->kind, LP_LAYOUT_CHANGED);
		assert_non_null(strstr(find(&found, "class app::Derived")->text,
				       "base class Base at 0, whose type changed"));
		assert_non_null(find(&found, "enum app::Derived::Kind"));
		assert_int_equal(find(&found, "enum app::Derived::Kind")->kind,
				 LP_LAYOUT_ENUM_ADDED);
		assert_int_equal(found.count, 3);
	}
}

static void add_name(void *context, const char *name)
{
	strcat(context, name);
	strcat(context, " ");
}

static const char *users(const char *object, const char *type, char *names)
{
	char path[256];

	*names = 0;
	assert_int_equal(lp_layout_users(victim_path(&dir, object, path, sizeof(path)), type,
					 add_name, names),
			 0);
	return names;
}

static const char users_source[] =
	"struct conn { int a; struct conn *next; };\n"
	"struct holder { int x; struct conn c[2]; };\n"
	"struct far { struct conn *c; };\n"
	"typedef struct { int b; } plain;\nenum state { ON, OFF };\n"
	"void sink(void *);\nstruct conn *get(void);\n"
	"#define KEEP __attribute__((noinline))\n"
	"int KEEP by_param(struct conn *c) { return c->a; }\n"
	"int KEEP by_local(int x) { struct conn c = { x, 0 }; sink(&c); return c.a; }\n"
	"int KEEP by_block(int x) { if (x) { const struct conn *c = (void *)(long)x; sink((void *)c); }"
	" return x; }\n"
	"struct conn KEEP *by_result(void *p) { return p; }\n"
	"int KEEP by_holder(struct holder *h) { return h->x; }\n"
	"int KEEP not_far(struct far *f) { return f->c != 0; }\n"
	"static inline __attribute__((always_inline)) int inner(struct conn *c) { return c->a + 1; }\n"
	"int KEEP by_inline(void *p) { return inner(p); }\n"
	"int KEEP neither(int x) { return x + 1; }\n"
	"int KEEP by_plain(plain *p, enum state s) { return p->b + s; }\n";

static void test_users(void **state)
{
	char names[1024];

	(void)state;
	victim_write(&dir, "users.c", users_source);
	for (size_t i = 0; i < N_BUILDS; i++) {
		compile(builds[i], "users.c", "u.o", "");
		users("u.o", "struct conn", names);
		for (const char *rest = "by_param by_local by_block by_result by_holder by_inline ";
		     *rest; rest = strchr(rest, ' ') + 1) {
			char name[32];

			snprintf(name, sizeof(name), "%.*s ", (int)strcspn(rest, " "), rest);
			if (!strstr(names, name))
				fail_msg("%s: no %s in %s", builds[i], name, names);
		}
		assert_null(strstr(names, "neither "));
		assert_null(strstr(names, "not_far "));
		assert_null(strstr(names, "by_plain "));
		assert_string_equal(users("u.o", "plain", names), "by_plain ");
		assert_string_equal(users("u.o", "enum state", names), "by_plain ");
		assert_string_equal(users("u.o", "struct plain", names), "");
		assert_string_equal(users("u.o", "union conn", names), "");
		assert_string_equal(users("u.o", "struct far", names), "not_far ");
	}
}

static void test_users_called(void **state)
{
	char names[256];

	(void)state;
	victim_write(&dir, "call.c",
		     "struct conn { int a; };\nstruct conn *get(void);\n"
		     "int f(void) { return get()->a + 1; }\nint g(int x) { return x; }\n");
	compile("gcc -gdwarf-5 -O2", "call.c", "c.o", "");
	assert_string_equal(users("c.o", "struct conn", names), "f ");
	compile("clang -gdwarf-5 -O2", "call.c", "c.o", "");
	assert_string_equal(users("c.o", "struct conn", names), "f ");
	compile("gcc -gdwarf-4 -O2", "call.c", "c.o", "");
	assert_string_equal(users("c.o", "struct conn", names), "f ");
}

static void test_users_cplusplus(void **state)
{
	char names[256];

	(void)state;
	victim_write(&dir, "y.cc",
		     "namespace app { struct T { int a; int get(); int set(int); };\n"
		     "int T::get() { return a; } }\nint other(int x) { return x; }\n");
	compile("g++ -g -O1", "y.cc", "c.o", "");
	assert_string_equal(users("c.o", "struct app::T", names), "_ZN3app1T3getEv ");
}

static void test_errors(void **state)
{
	struct found_list found;
	char path[256], names[64] = "";

	(void)state;
	victim_write(&dir, "bare.c", "int x;\n");
	compile("gcc", "bare.c", "bare.o", "-g0");
	victim_write(&dir, "junk.o", "this is no object file");
	assert_int_equal(compare("bare.o", "old0.o", &found), -ENODATA);
	assert_int_equal(compare("old0.o", "bare.o", &found), -ENODATA);
	compile("gcc -gdwarf-5 -fdebug-types-section", "users.c", "types.o", "");
	assert_int_equal(compare("types.o", "types.o", &found), -ENOTSUP);
	compile("gcc -gdwarf-4 -fdebug-types-section", "users.c", "types.o", "");
	assert_int_equal(compare("types.o", "types.o", &found), -ENOTSUP);
	assert_int_equal(compare("nothing.o", "old0.o", &found), -ENOENT);
	assert_int_equal(compare("junk.o", "old0.o", &found), -EBADMSG);
	assert_int_equal(lp_layout_users(victim_path(&dir, "bare.o", path, sizeof(path)),
					 "struct x", add_name, names),
			 -ENODATA);
	assert_int_equal(found.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),	     cmocka_unit_test(test_sizes_and_place),
		cmocka_unit_test(test_scopes),	     cmocka_unit_test(test_units),
		cmocka_unit_test(test_cplusplus),    cmocka_unit_test(test_users),
		cmocka_unit_test(test_users_called), cmocka_unit_test(test_users_cplusplus),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
