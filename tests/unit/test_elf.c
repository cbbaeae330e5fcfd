/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ELF files: symbols with positions, versions and aliases; separate debug files; signatures.
 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/elf/file.h"
#include "../../src/elf/signature.h"
#include "victim_file.h"

static const char one_source[] =
	"__thread int tls_first = 1;\n__thread int tls_second = 2;\n"
	"int data = 5; int zero[100]; const int constant[4] = { 1 };\n"
	"static int __attribute__((noinline)) twin(int x) { return x + data; }\n"
	"int one(int x) { return twin(x) + tls_first; }\n"
	"int two(int);\n"
	"extern __typeof(one) alias __attribute__((alias(\"one\")));\n"
	"__attribute__((visibility(\"hidden\"))) int hidden(int x) { return x ^ two(x); }\n"
	"__asm__(\".symver old_v, versioned@V1\\n.symver new_v, versioned@@V2\");\n"
	"int old_v(void) { return 1; }\nint new_v(void) { return 2; }\n"
	"int puts(const char *);\nvoid say(void) { puts(\"x\"); }\n";
static const char two_source[] =
	"extern int data;\n"
	"static int __attribute__((noinline)) twin(int x) { return x - data; }\n"
	"int two(int x) { return twin(x); }\n";
static const char map_source[] =
	"V1 { global: versioned; };\n"
	"V2 { global: versioned; one; two; alias; say; data; local: *; } V1;\n";

struct fixture {
	struct victim_dir dir;
};

static struct fixture fixture;

static int setup(void **state)
{
	*state = &fixture;
	victim_dir_init(&fixture.dir);
	victim_write(&fixture.dir, "one.c", one_source);
	victim_write(&fixture.dir, "two.c", two_source);
	victim_write(&fixture.dir, "map", map_source);
	assert_int_equal(
		victim_run(
			&fixture.dir,
			"cc -O2 -fPIC -shared -Wl,--build-id -Wl,-soname,libelf-test.so.1 "
			"-Wl,--version-script=map one.c two.c -o full.so && "
			"objcopy --only-keep-debug full.so full.debug && "
			"strip -o stripped.so full.so && "
			"cc -O2 -fPIC -shared -Wl,--build-id one.c two.c -DX -Wl,--version-script=map "
			"-Wl,-soname,other.so -o other.so"),
		0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	victim_dir_deinit(&fixture.dir);
	return 0;
}

static struct lp_elf *open_file(const char *name)
{
	char path[256];
	struct lp_elf *elf;

	assert_int_equal(
		lp_elf_open(&elf, victim_path(&fixture.dir, name, path, sizeof(path)), NULL), 0);
	return elf;
}

static void test_identity(void **state)
{
	struct lp_elf *elf = open_file("full.so");
	uint8_t id[LP_ELF_BUILD_ID_MAX];
	char path[256];

	(void)state;
	assert_string_equal(elf->name, "full.so");
	assert_string_equal(elf->soname, "libelf-test.so.1");
	assert_true(lp_elf_named(elf, "full.so") && lp_elf_named(elf, "libelf-test.so.1"));
	assert_false(lp_elf_named(elf, "libelf-test.so"));
	assert_false(elf->executable);
	assert_true(elf->has_symtab);
	assert_int_equal(elf->build_id_size, 20);
	victim_path(&fixture.dir, "stripped.so", path, sizeof(path));
	assert_int_equal(lp_elf_build_id(path, id), 20);
	assert_memory_equal(id, elf->build_id, 20);
	lp_elf_close(elf);
}

static void test_positions(void **state)
{
	struct lp_elf *elf = open_file("full.so");
	const struct lp_elf_symbol *first, *second, *symbol;

	(void)state;
	assert_int_equal(lp_elf_find(elf, "twin", 0, &symbol), -ENOTUNIQ);
	assert_int_equal(lp_elf_find(elf, "twin", 1, &first), 0);
	assert_int_equal(lp_elf_find(elf, "twin", 2, &second), 0);
	assert_int_equal(lp_elf_find(elf, "twin", 3, &symbol), -ENOENT);
	assert_true(first->addr != second->addr && first->order < second->order);
	assert_int_equal(first->binding, STB_LOCAL);
	/* in .symtab and in .dynsym: one symbol */
	assert_int_equal(lp_elf_find(elf, "one", 0, &symbol), 0);
	assert_true(symbol->exported);
	assert_int_equal(lp_elf_find(elf, "one", 1, &symbol), 0);
	assert_int_equal(lp_elf_find(elf, "one", 2, &symbol), -ENOENT);
	assert_int_equal(lp_elf_find(elf, "nothing", 0, &symbol), -ENOENT);
	assert_int_equal(lp_elf_find(elf, "hidden", 0, &symbol), 0);
	assert_false(symbol->exported);
	lp_elf_close(elf);
}

static void test_versions(void **state)
{
	struct lp_elf *elf = open_file("full.so");
	const struct lp_elf_symbol *plain, *old, *new;

	(void)state;
	assert_int_equal(lp_elf_find(elf, "versioned@V1", 0, &old), 0);
	assert_int_equal(lp_elf_find(elf, "versioned@V2", 0, &new), 0);
	assert_int_equal(lp_elf_find(elf, "versioned", 0, &plain), 0);
	assert_true(old->addr != new->addr);
	assert_ptr_equal(plain, new);
	assert_int_equal(lp_elf_find(elf, "versioned@V3", 0, &plain), -ENOENT);
	assert_non_null(lp_elf_import_version(elf, "puts"));
	assert_int_equal(strncmp(lp_elf_import_version(elf, "puts"), "GLIBC_", 6), 0);
	assert_null(lp_elf_import_version(elf, "one"));
	lp_elf_close(elf);
}

static void test_addresses(void **state)
{
	struct lp_elf *elf = open_file("full.so");
	const struct lp_elf_symbol *symbol, *data, *tls;
	size_t count, named = 0;
	const struct lp_elf_symbol *const *at;

	(void)state;
	assert_int_equal(lp_elf_find(elf, "one", 0, &symbol), 0);
	at = lp_elf_symbols_at(elf, symbol->addr, &count);
	for (size_t i = 0; i < count; i++)
		named += !strcmp(at[i]->name, "one") || !strcmp(at[i]->name, "alias");
	assert_int_equal(named, 2);
	assert_int_equal(lp_elf_section_at(elf, symbol->addr)->kind, LP_ELF_CODE);
	assert_non_null(lp_elf_bytes(elf, symbol->addr, symbol->size));
	assert_int_equal(lp_elf_find(elf, "data", 0, &data), 0);
	assert_int_equal(lp_elf_section_at(elf, data->addr)->kind, LP_ELF_DATA);
	assert_int_equal(*(const int *)lp_elf_bytes(elf, data->addr, 4), 5);
	assert_int_equal(lp_elf_find(elf, "zero", 0, &data), 0);
	assert_int_equal(lp_elf_section_at(elf, data->addr)->kind, LP_ELF_BSS);
	assert_int_equal(lp_elf_find(elf, "constant", 0, &data), 0);
	assert_int_equal(lp_elf_section_at(elf, data->addr)->kind, LP_ELF_RODATA);
	/* offsets in the object's TLS segment, in whatever order the compiler chose */
	assert_int_equal(lp_elf_find(elf, "tls_first", 0, &data), 0);
	assert_int_equal(lp_elf_find(elf, "tls_second", 0, &tls), 0);
	assert_int_equal(tls->type, STT_TLS);
	assert_int_equal(data->addr + tls->addr, 4);
	assert_null(lp_elf_bytes(elf, UINT64_MAX - 4, 16));
	assert_null(lp_elf_bytes(elf, symbol->addr, UINT64_MAX));
	assert_null(lp_elf_section_at(elf, UINT64_MAX));
	assert_true(elf->n_frames > 3);
	lp_elf_close(elf);
}

static void test_separate_debug_file(void **state)
{
	char path[256], debug[256], other[256];
	const struct lp_elf_symbol *symbol;
	struct lp_elf *elf = open_file("stripped.so");

	(void)state;
	assert_false(elf->has_symtab);
	assert_int_equal(lp_elf_find(elf, "twin", 1, &symbol), -ENOENT);
	assert_int_equal(lp_elf_find(elf, "one", 0, &symbol), 0);
	lp_elf_close(elf);
	victim_path(&fixture.dir, "stripped.so", path, sizeof(path));
	victim_path(&fixture.dir, "full.debug", debug, sizeof(debug));
	victim_path(&fixture.dir, "other.so", other, sizeof(other));
	assert_int_equal(lp_elf_open(&elf, path, debug), 0);
	assert_true(elf->has_symtab);
	assert_int_equal(lp_elf_find(elf, "twin", 2, &symbol), 0);
	assert_int_equal(lp_elf_section_at(elf, symbol->addr)->kind, LP_ELF_CODE);
	lp_elf_close(elf);
	assert_int_equal(lp_elf_open(&elf, path, other), -ESTALE);
}

static void test_wrong_files(void **state)
{
	struct lp_elf *elf;
	char path[256];

	(void)state;
	victim_path(&fixture.dir, "one.c", path, sizeof(path));
	assert_int_equal(lp_elf_open(&elf, path, NULL), -EBADMSG);
	assert_int_equal(lp_elf_open(&elf, "/nonexistent/file", NULL), -ENOENT);
	assert_int_equal(lp_elf_open(&elf, fixture.dir.path, NULL), -EBADMSG);
}

/* No length of a file may do more harm than an error. */
static void test_truncated_files(void **state)
{
	char command[256], path[256];

	(void)state;
	victim_path(&fixture.dir, "cut.so", path, sizeof(path));
	for (int size = 1; size < 16000; size += 997) {
		struct lp_elf *elf;

		snprintf(command, sizeof(command), "head -c %d full.so > cut.so", size);
		assert_int_equal(victim_run(&fixture.dir, command), 0);
		if (!lp_elf_open(&elf, path, NULL))
			lp_elf_close(elf);
	}
}

static const char signatures_source[] =
	"struct big { long a, b, c; }; struct two { long a; double b; };\n"
	"struct small { char a; short b; int c; }; struct floats { float a, b, c; };\n"
	"struct mixed { int a; float b; double c; }; union either { long a; double b; };\n"
	"struct wrap { long double a; };\n"
	"void nothing(void) { }\n"
	"int six(int a, int b, int c, int d, int e, int f) { return a+b+c+d+e+f; }\n"
	"long eight(long a, long b, long c, long d, long e, long f, long g, char h)\n"
	"	{ return a+b+c+d+e+f+g+h; }\n"
	"double doubles(double a, double b, double c, double d, double e, double f, double g,\n"
	"	double h, double i) { return a+b+c+d+e+f+g+h+i; }\n"
	"struct big big(long a, struct big b) { b.a += a; return b; }\n"
	"struct two mix(struct two a, long double b) { a.b += b; return a; }\n"
	"struct floats floats(struct floats a) { return a; }\n"
	"struct small small(struct small a, const char *b) { a.a = *b; return a; }\n"
	"union either either(union either a) { return a; }\n"
	"struct mixed mixed(struct mixed a) { return a; }\n"
	"long double x87(long double a) { return a; }\n"
	"__int128 wide(__int128 a) { return a; }\n"
	"_Complex double complex(_Complex double a) { return a; }\n"
	"_Float128 quad(_Float128 a) { return a; }\n"
	"struct wrap wrapped(struct wrap a, int b) { a.a += b; return a; }\n"
	"struct big full(long a, long b, long c, long d, long e, long f)\n"
	"	{ return (struct big){ a+b, c+d, e+f }; }\n"
	"int many(const char *format, ...) { return *format; }\n"
	"static int __attribute__((noinline)) hide(const int *volatile *const a) { return **a; }\n"
	"int user(const int *a) { const int *volatile b = a; return hide(&b); }\n";

struct expected {
	const char *name;
	uint32_t stack_bytes;
	uint32_t results;
	bool variadic;
};

static void test_signatures(void **state)
{
	static const struct expected all[] = {
		{ "nothing", 0, 0, false },
		{ "six", 0, LP_ELF_RESULT_RAX, false },
		{ "eight", 16, LP_ELF_RESULT_RAX, false },
		{ "doubles", 8, LP_ELF_RESULT_XMM0, false },
		{ "big", 24, LP_ELF_RESULT_RAX, false },
		{ "mix", 16, LP_ELF_RESULT_RAX | LP_ELF_RESULT_XMM0, false },
		{ "floats", 0, LP_ELF_RESULT_XMM0 | LP_ELF_RESULT_XMM1, false },
		{ "small", 0, LP_ELF_RESULT_RAX, false },
		{ "either", 0, LP_ELF_RESULT_RAX, false },
		{ "mixed", 0, LP_ELF_RESULT_RAX | LP_ELF_RESULT_XMM0, false },
		{ "x87", 16, 0, false },
		{ "wide", 0, LP_ELF_RESULT_RAX | LP_ELF_RESULT_RDX, false },
		{ "complex", 0, LP_ELF_RESULT_XMM0 | LP_ELF_RESULT_XMM1, false },
		{ "quad", 0, LP_ELF_RESULT_XMM0, false },
		{ "wrapped", 16, 0, false },
		{ "full", 8, LP_ELF_RESULT_RAX, false },
		{ "many", 0, LP_ELF_RESULT_RAX, true },
		{ "hide", 0, LP_ELF_RESULT_RAX, false },
	};
	struct lp_elf_signature signature;
	char path[256];

	(void)state;
	victim_write(&fixture.dir, "sig.c", signatures_source);
	assert_int_equal(victim_run(&fixture.dir, "cc -O2 -g -ffunction-sections -c sig.c"), 0);
	victim_path(&fixture.dir, "sig.o", path, sizeof(path));
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		int err = lp_elf_signature(path, all[i].name, &signature);

		if (err || signature.stack_bytes != all[i].stack_bytes ||
		    signature.results != all[i].results || signature.variadic != all[i].variadic)
			fail_msg("%s: %d, %u bytes, results %x, variadic %d", all[i].name, err,
				 signature.stack_bytes, signature.results, signature.variadic);
	}
	assert_int_equal(lp_elf_signature(path, "absent", &signature), -ENOENT);
	assert_int_equal(victim_run(&fixture.dir, "cc -O2 -c sig.c"), 0);
	assert_int_equal(lp_elf_signature(path, "six", &signature), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_separate_debug_file),
		cmocka_unit_test(test_wrong_files),
		cmocka_unit_test(test_truncated_files),
		cmocka_unit_test(test_signatures),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
