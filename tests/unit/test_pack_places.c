/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Near which object the sections of a patch of a program and a library are to lie, by what they refer
 * to directly. That the code then runs there is seen in the live case "far".
 */
#include "pack_case.h"

static const char main_source[] =
	"#include <stdio.h>\nint shared(int); static volatile int secret = 9; int open_two(int);\n"
	"int __attribute__((noipa)) open_one(int x) { return x + secret; }\n"
	"int __attribute__((noipa)) open_two(int x) { return x - secret; }\n"
	"int main(int argc, char **argv) { printf(\"%d %s\\n\", open_one(argc) + open_two(argc) +\n"
	"	shared(argc), argv[0]); return 0; }\n";
static const char lib_source[] =
	"static volatile int secret = 4;\n"
	"__attribute__((noipa)) static int inner(int x) { return x + secret; }\n"
	"int shared(int x) { return inner(x) / 2; }\n"
	"int other(int x) { return inner(x) + secret; }\n";
static const char second_source[] = "static volatile int third = 3;\n"
				    "int second(int x) { return x + third; }\n";

#define HEAD                                                                                       \
	"#include <suture/livepatch.h>\n"                                                          \
	"#define DIRECT __attribute__((visibility(\"hidden\")))\n"                                 \
	"extern volatile int mine DIRECT, theirs DIRECT, third DIRECT;\n"                          \
	"KLP_EXTERN(mine, 0, \"secret\", 0);\n"                                                    \
	"KLP_EXTERN(theirs, \"libplaces.so\", \"secret\", 0);\n"                                   \
	"#define OUT __attribute__((noinline)) static\n"
#define TAIL                                                                                          \
	"static struct klp_func funcs[] = { { \"open_one\", one }, { } };\n"                          \
	"static struct klp_func lib_funcs[] = { { \"shared\", two }, { } };\n"                        \
	"static struct klp_object objs[] = { { 0, funcs }, { \"libplaces.so\", lib_funcs }, { } };\n" \
	"KLP_PATCH(.objs = objs);\n"

struct fixture {
	struct victim_dir dir;
	struct pack_case pack;
};

static struct fixture fixture;
static const char *const both[] = { "pie", "libplaces.so", NULL };

static int setup(void **state)
{
	*state = &fixture;
	victim_dir_init(&fixture.dir);
	fixture.pack.dir = &fixture.dir;
	victim_write(&fixture.dir, "main.c", main_source);
	victim_write(&fixture.dir, "lib.c", lib_source);
	victim_write(&fixture.dir, "second.c", second_source);
	assert_int_equal(
		victim_run(&fixture.dir,
			   "cc -O2 -fPIC -shared -Wl,--build-id -Wl,-soname,libplaces.so lib.c "
			   "-o libplaces.so && "
			   "cc -O2 -fPIC -shared -Wl,--build-id -Wl,-soname,libsecond.so second.c "
			   "-o libsecond.so && "
			   "cc -O2 -fpie -pie -Wl,--build-id main.c libplaces.so -o pie"),
		0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	victim_dir_deinit(&fixture.dir);
	return 0;
}

static const char *section_name(uint32_t section)
{
	const struct lp_patch_file *file = &fixture.pack.file;

	return file->section_names + file->sections[section].sh_name;
}

/* The name of the object near which a section lies; NULL: not listed. "": the program. */
static const char *place_of(uint32_t section)
{
	const struct lp_patch_file *file = &fixture.pack.file;

	for (uint32_t i = 0; i < file->info->places.count; i++)
		if (file->places[i].section == section)
			return file->strings + file->objects[file->places[i].object].name;
	return NULL;
}

static void check_place(const char *name, const char *object)
{
	const struct lp_patch_file *file = &fixture.pack.file;
	const Elf64_Shdr *section = pack_section(&fixture.pack, name);
	const char *place;

	if (!section)
		fail_msg("there is no %s", name);
	place = place_of((uint32_t)(section - file->sections));
	if (!object)
		assert_null(place);
	else if (!place || strcmp(place, object) != 0)
		fail_msg("%s: %s", name, place ? place : "not listed");
}

static unsigned int count_frames(void)
{
	unsigned int count = 0;

	for (uint32_t i = 1; i < fixture.pack.file.n_sections; i++)
		count += !strcmp(section_name(i), ".eh_frame");
	return count;
}

/* Each table is about code that lies where it does; returns how many functions there are. */
static unsigned int check_frames(void)
{
	const struct lp_patch_file *file = &fixture.pack.file;
	unsigned int count = 0;

	for (uint32_t i = 1; i < file->n_sections; i++) {
		const Elf64_Shdr *section = &file->sections[i];
		const Elf64_Rela *relas = (const Elf64_Rela *)(file->bytes + section->sh_offset);

		if (section->sh_type != SHT_RELA || strcmp(section_name(i), ".rela.eh_frame") != 0)
			continue;
		for (size_t k = 0; k < section->sh_size / sizeof(*relas); k++) {
			const Elf64_Sym *symbol = &file->symbols[ELF64_R_SYM(relas[k].r_info)];
			const char *code = place_of(symbol->st_shndx);
			const char *table = place_of(section->sh_info);

			count++;
			if (code != table && (!code || !table || strcmp(code, table) != 0))
				fail_msg("the table of %s lies elsewhere",
					 section_name(symbol->st_shndx));
		}
	}
	return count;
}

static void test_nothing_direct(void **state)
{
	(void)state;
	pack_open(&fixture.pack, "none",
		  HEAD "static int calls; OUT int count(void) { return ++calls; }\n"
		       "OUT int one(int x) { return x + count(); }\n"
		       "OUT int two(int x) { return x - calls; }\n" TAIL,
		  both);
	assert_int_equal(fixture.pack.file.info->objects.count, 2);
	assert_int_equal(fixture.pack.file.info->places.count, 0);
	assert_int_equal(count_frames(), 1);
	pack_close(&fixture.pack);
}

static void test_code_of_both(void **state)
{
	(void)state;
	pack_open(&fixture.pack, "both",
		  HEAD "static int calls, own = 7; static const int table[] = { 1, 4, 9, 16 };\n"
		       "OUT int count(void) { return ++calls; }\n"
		       "OUT int deep(int x) { return theirs + table[x & 3]; }\n"
		       "OUT int one(int x) { return mine + count(); }\n"
		       "OUT int two(int x) { return deep(x) + count() + own++; }\n"
		       "OUT int three(int x) { return own + x; }\n"
		       "int (*volatile other)(int) = three;\n" TAIL,
		  both);
	assert_int_equal(fixture.pack.file.info->objects.count, 2);
	check_place(".text.one", NULL);
	check_place(".text.count", NULL);
	check_place(".bss.calls", NULL);
	check_place(".text.deep", "libplaces.so");
	check_place(".rodata.table", "libplaces.so");
	/* what they call or point to may be anywhere */
	check_place(".text.two", NULL);
	check_place(".text.three", NULL);
	check_place(".data.own", NULL);
	assert_int_equal(count_frames(), 2);
	assert_true(check_frames() >= 5);
	pack_close(&fixture.pack);
}

static void test_only_the_library_directly(void **state)
{
	(void)state;
	pack_open(&fixture.pack, "lib",
		  HEAD "static int own = 7;\n"
		       "OUT int one(int x) { return x + own++; }\n"
		       "OUT int two(int x) { return theirs + own; }\n" TAIL,
		  both);
	/* both use `own` directly, and one of them must be near the library */
	check_place(".text.one", "libplaces.so");
	check_place(".text.two", "libplaces.so");
	check_place(".data.own", "libplaces.so");
	assert_true(check_frames() >= 2);
	pack_close(&fixture.pack);
}

static void test_out_of_reach(void **state)
{
	(void)state;
	pack_refused(&fixture.pack, "mixed",
		     HEAD "OUT int one(int x) { return mine + theirs; }\n"
			  "OUT int two(int x) { return x; }\n" TAIL,
		     both, "bad-patch", "split the patch in two");
	assert_non_null(strstr(fixture.pack.messages, ".text.one"));
	assert_non_null(strstr(fixture.pack.messages, "secret, which is near libplaces.so"));
	pack_refused(&fixture.pack, "own",
		     HEAD "static int own = 7;\n"
			  "OUT int one(int x) { return mine + own++; }\n"
			  "OUT int two(int x) { return theirs + own; }\n" TAIL,
		     both, "bad-patch", "out of reach");
}

/* Libraries are mostly in reach of each other; if not, the agent says so. */
static void test_two_libraries(void **state)
{
	static const char *const libraries[] = { "libplaces.so", "libsecond.so", NULL };

	(void)state;
	pack_open(&fixture.pack, "libs",
		  HEAD "OUT int one(int x) { return theirs + third; }\n"
		       "static struct klp_func funcs[] = { { \"shared\", one }, { } };\n"
		       "static struct klp_object objs[] = { { \"libplaces.so\", funcs }, { } };\n"
		       "KLP_PATCH(.objs = objs);\n",
		  libraries);
	assert_int_equal(fixture.pack.file.info->objects.count, 2);
	pack_close(&fixture.pack);
}

static const char cleanups[] = HEAD
	"extern void use(int *);\nvoid done(int *x) { }\n"
	"OUT int one(int x) { CLEAN int v = mine; use(&v); return v; }\n"
	"OUT int two(int x) { int v __attribute__((cleanup(done))) = theirs;\n"
	"use(&v); return v; }\n" TAIL;

static void test_exceptions(void **state)
{
	(void)state;
	fixture.pack.cflags = "-fexceptions -DCLEAN=";
	pack_open(&fixture.pack, "cleanup", cleanups, both);
	check_place(".gcc_except_table.two", "libplaces.so");
	check_place(".data.rel.local.DW.ref.__gcc_personality_v0", "libplaces.so");
	assert_int_equal(count_frames(), 2);
	pack_close(&fixture.pack);
	/* there is one pointer to the personality routine, and it cannot be near both */
	fixture.pack.cflags = "-fexceptions -DCLEAN='__attribute__((cleanup(done)))'";
	pack_refused(&fixture.pack, "cleanup", cleanups, both, "bad-patch",
		     "split the patch in two");
	fixture.pack.cflags = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_direct),
		cmocka_unit_test(test_code_of_both),
		cmocka_unit_test(test_only_the_library_directly),
		cmocka_unit_test(test_out_of_reach),
		cmocka_unit_test(test_two_libraries),
		cmocka_unit_test(test_exceptions),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
