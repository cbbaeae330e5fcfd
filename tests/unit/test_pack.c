/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Patches packed for a PIE, a program at a fixed address and a shared object. What is packed is
 * given to the agent's own checks.
 */
#include <stdbool.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "../../src/build/info.h"
#include "../../src/elf/file.h"
#include "pack_case.h"

static const char main_source[] =
	"#include <stdio.h>\nint shared(int); extern __thread int counter;\n"
	"static __thread int own = 3;\nint global = 7; static int secret = 9;\n"
	"static int __attribute__((noinline)) twin(int x) { return x * global; }\n"
	"static int __attribute__((noinline)) hide(int x) { own += x; return own + secret++; }\n"
	"int __attribute__((noinline)) open_one(int x) { return twin(x) + hide(x); }\n"
	"int aliased(int x) { return x + 1; }\n"
	"extern __typeof(aliased) alias __attribute__((alias(\"aliased\")));\n"
	"__attribute__((noinline, noclone)) int looper(int x)\n"
	"{ __asm__ volatile(\"\"); while (x > 1000) x -= shared(x); return x; }\n"
	"static void *resolve(void) { return aliased; }\n"
	"int chosen(int) __attribute__((ifunc(\"resolve\")));\n"
	"int main(int argc, char **argv) { printf(\"%d %s\\n\", open_one(argc) + looper(argc) +\n"
	"	shared(argc) + chosen(1) + alias(2), argv[0]); return 0; }\n";
static const char twin_source[] =
	"extern int global;\n"
	"static int __attribute__((noinline)) twin(int x) { return x - global; }\n"
	"int second(int x) { return twin(x); }\n";
static const char lib_source[] =
	"__thread int counter;\nstatic __thread int hidden_counter;\nstatic int lib_secret = 4;\n"
	"static int __attribute__((noinline)) inner(int x) { return x + lib_secret++; }\n"
	"int shared(int x) { counter++; hidden_counter--; return inner(x) / 2; }\n"
	"int other(int x) { return inner(x) + hidden_counter; }\n"
	"__attribute__((cold, noinline)) static void bad(int x) { lib_secret = x; }\n"
	"int with_cold(int x) { if (x < 0) { bad(x); __builtin_trap(); } return x + 1; }\n";

struct fixture {
	struct victim_dir dir;
	struct pack_case pack;
};

static struct fixture fixture;
static const char *const pie[] = { "pie", NULL };
static const char *const fixed[] = { "fixed", NULL };
static const char *const lib[] = { "libpack.so.1.0", NULL };
static const char *const both[] = { "pie", "libpack.so.1.0", NULL };

static int setup(void **state)
{
	*state = &fixture;
	victim_dir_init(&fixture.dir);
	fixture.pack.dir = &fixture.dir;
	victim_write(&fixture.dir, "main.c", main_source);
	victim_write(&fixture.dir, "twin.c", twin_source);
	victim_write(&fixture.dir, "lib.c", lib_source);
	assert_int_equal(
		victim_run(
			&fixture.dir,
			"cc -O2 -fPIC -shared -Wl,--build-id -Wl,-soname,libpack.so.1 lib.c "
			"-o libpack.so.1.0 && "
			"cc -O2 -fpie -pie -Wl,--build-id main.c twin.c libpack.so.1.0 -o pie && "
			"cc -O2 -fno-pie -no-pie -Wl,--build-id main.c twin.c libpack.so.1.0 -o fixed && "
			"cc -O2 -fpie -pie -Wl,--build-id=none main.c twin.c libpack.so.1.0 -o anonymous && "
			"objcopy --only-keep-debug pie pie.debug && strip -o bare pie"),
		0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	victim_dir_deinit(&fixture.dir);
	return 0;
}

static int before(void **state)
{
	(void)state;
	fixture.pack.cflags = NULL;
	fixture.pack.debug_file = NULL;
	return 0;
}

static void check_function(const char *target, const char *name, unsigned long sympos)
{
	const struct pack_case *pack = &fixture.pack;
	const struct lp_file_function *function = &pack->file.functions[0];
	const struct lp_elf_symbol *symbol;
	struct lp_elf *elf;
	char path[256];

	victim_path(&fixture.dir, target, path, sizeof(path));
	assert_int_equal(lp_elf_open(&elf, path, NULL), 0);
	assert_int_equal(lp_elf_find(elf, name, sympos, &symbol), 0);
	assert_int_equal(pack->file.info->functions.count, 1);
	assert_string_equal(pack->file.strings + function->name, name);
	assert_int_equal(function->sympos, sympos);
	assert_int_equal(function->old_addr, symbol->addr);
	assert_int_equal(function->old_size, symbol->size);
	assert_true(function->old_hash ==
		    XXH64(lp_elf_bytes(elf, symbol->addr, symbol->size), symbol->size, 0));
	assert_int_equal(pack->file.objects[0].build_id_size, elf->build_id_size);
	assert_memory_equal(pack->file.objects[0].build_id, elf->build_id, elf->build_id_size);
	lp_elf_close(elf);
}

static void test_program_and_library(void **state)
{
	struct pack_case *pack = &fixture.pack;

	(void)state;
	pack_open(pack, "a",
		  PACK_PATCH("static int fix(int x) { return x; }", "0", "open_one", "fix"), pie);
	assert_int_equal(pack->file.objects[0].name, 0);
	assert_string_equal(pack->file.strings + pack->file.info->name, "a");
	assert_int_equal(pack->file.info->flags, LP_FILE_REPLACEABLE);
	check_function("pie", "open_one", 0);
	pack_close(pack);
	pack_open(pack, "b",
		  PACK_PATCH("static int fix(int x) { return x; }", "0", "open_one", "fix"), fixed);
	check_function("fixed", "open_one", 0);
	pack_close(pack);
	pack_open(pack, "c",
		  PACK_PATCH("static int fix(int x) { return x; }", "\"libpack.so.1\"", "shared",
			     "fix"),
		  both);
	assert_string_equal(pack->file.strings + pack->file.objects[0].name, "libpack.so.1");
	check_function("libpack.so.1.0", "shared", 0);
	pack_close(pack);
	/* by file name too */
	pack_open(pack, "d",
		  PACK_PATCH("static int fix(int x) { return x; }", "\"libpack.so.1.0\"", "shared",
			     "fix"),
		  lib);
	pack_close(pack);
}

static void test_only_what_runs_is_in_it(void **state)
{
	struct pack_case *pack = &fixture.pack;

	(void)state;
	pack_open(pack, "a",
		  PACK_PATCH("static int fix(int x) { return x; }", "0", "open_one", "fix"), pie);
	for (uint32_t i = 1; i < pack->file.n_sections; i++) {
		const char *name = pack->file.section_names + pack->file.sections[i].sh_name;

		if (strstr(name, "funcs") || strstr(name, "objs") ||
		    !strcmp(name, ".suture.patch") || strstr(name, "debug") ||
		    strstr(name, "note") || strstr(name, "comment"))
			fail_msg("%s is in it", name);
	}
	assert_non_null(pack_section(pack, ".eh_frame"));
	pack_close(pack);
}

static void test_positions(void **state)
{
	static const char source[] =
		"#include <suture/livepatch.h>\nstatic int fix(int x) { return x; }\n"
		"static struct klp_func funcs[] = { { \"twin\", fix, 2 }, { } };\n"
		"static struct klp_object objs[] = { { 0, funcs }, { } };\nKLP_PATCH(.objs = objs);\n";
	struct pack_case *pack = &fixture.pack;

	(void)state;
	pack_open(pack, "pos", source, pie);
	check_function("pie", "twin", 2);
	pack_close(pack);
	pack_refused(pack, "amb",
		     PACK_PATCH("static int fix(int x) { return x; }", "0", "twin", "fix"), pie,
		     "symbol-ambiguous", "twin");
	pack_refused(pack, "none",
		     PACK_PATCH("static int fix(int x) { return x; }", "0", "absent", "fix"), pie,
		     "no-such-symbol", "absent");
}

static void test_debug_file(void **state)
{
	struct pack_case *pack = &fixture.pack;
	static const char *const bare[] = { "bare", NULL };
	static const char source[] = PACK_PATCH("static int fix(int x) { return x; }", "0", "hide",
						"fix");

	(void)state;
	pack_refused(pack, "bare", source, bare, "no-such-symbol", "debug file");
	pack->debug_file = "pie.debug";
	pack_open(pack, "bare", source, bare);
	check_function("pie", "hide", 0);
	pack_close(pack);
}

static void test_symbols_of_the_target(void **state)
{
	static const char source[] = PACK_PATCH(
		"#include <stdio.h>\nextern int secret, global, second(int), twin1(int);\n"
		"extern int lib_secret; extern int shared(int);\n"
		"KLP_EXTERN(twin1, 0, \"twin\", 1);\n"
		"KLP_EXTERN(lib_secret, \"libpack.so.1\", \"lib_secret\", 0);\n"
		"static int fix(int x) { printf(\"%d\\n\", x); return secret + global +\n"
		"	second(x) + twin1(x) + lib_secret + shared(x); }\n",
		"0", "open_one", "fix");
	struct pack_case *pack = &fixture.pack;
	const Elf64_Sym *symbol;

	(void)state;
	pack_open(pack, "sym", source, both);
	symbol = pack_symbol(pack, ".klp.sym.program.secret,0");
	assert_non_null(symbol);
	assert_int_equal(symbol->st_shndx, LP_SHN_LIVEPATCH);
	assert_int_equal(ELF64_ST_TYPE(symbol->st_info), STT_OBJECT);
	assert_non_null(pack_symbol(pack, ".klp.sym.program.twin,1"));
	/* global in the program, but nothing that the dynamic linker would find */
	assert_non_null(pack_symbol(pack, ".klp.sym.program.global,0"));
	assert_non_null(pack_symbol(pack, ".klp.sym.program.second,0"));
	assert_non_null(pack_symbol(pack, ".klp.sym.libpack.so.1.lib_secret,0"));
	symbol = pack_symbol(pack, "shared");
	assert_non_null(symbol);
	assert_int_equal(symbol->st_shndx, SHN_UNDEF);
	assert_non_null(pack_symbol(pack, "printf@GLIBC_2.2.5"));
	assert_non_null(pack_section(pack, ".klp.rela.program..text.fix"));
	assert_non_null(pack_section(pack, ".klp.rela.libpack.so.1..text.fix"));
	assert_int_equal(pack->file.info->objects.count, 2);
	pack_close(pack);
	pack_refused(pack, "amb",
		     PACK_PATCH("extern int twin(int);\nstatic int fix(int x) "
				"{ return twin(x); }",
				"0", "open_one", "fix"),
		     pie, "symbol-ambiguous", "KLP_EXTERN");
	pack_refused(pack, "ifn",
		     PACK_PATCH("extern int chosen(int);\nstatic int fix(int x) "
				"{ return chosen(x); }",
				"0", "open_one", "fix"),
		     pie, "bad-patch", "IFUNC");
}

static void test_thread_local(void **state)
{
	struct pack_case *pack = &fixture.pack;
	const Elf64_Sym *symbol;

	(void)state;
	pack_open(pack, "tls",
		  PACK_PATCH("extern __thread int own, counter, hidden_counter;\n"
			     "static int fix(int x) { return x + own + counter + hidden_counter; }",
			     "0", "open_one", "fix"),
		  both);
	symbol = pack_symbol(pack, ".klp.sym.libpack.so.1.hidden_counter,0");
	assert_non_null(symbol);
	assert_int_equal(ELF64_ST_TYPE(symbol->st_info), STT_TLS);
	assert_true(symbol->st_value < 8);
	assert_non_null(pack_symbol(pack, ".klp.sym.program.own,0"));
	assert_non_null(pack_symbol(pack, ".klp.sym.libpack.so.1.counter,0"));
	pack_close(pack);
	pack->cflags = "-ftls-model=initial-exec";
	pack_open(pack, "tls", NULL, both);
	pack_close(pack);
	pack->cflags = NULL;
	pack_refused(pack, "tls2",
		     PACK_PATCH("static __thread int mine; static int fix(int x) "
				"{ return mine += x; }",
				"0", "open_one", "fix"),
		     pie, "bad-patch", "thread-local");
	pack_refused(pack, "tls3",
		     PACK_PATCH("extern __thread int nowhere; static int fix(int x) "
				"{ return nowhere += x; }",
				"0", "open_one", "fix"),
		     pie, "no-such-symbol", "nowhere");
	pack_refused(pack, "tls4",
		     PACK_PATCH("extern int own; static int fix(int x) "
				"{ return own += x; }",
				"0", "open_one", "fix"),
		     pie, "bad-patch", "thread-local");
}

static void test_refusals(void **state)
{
	struct pack_case *pack = &fixture.pack;
	static const char *const anonymous[] = { "anonymous", NULL };
	static const char *const source_file[] = { "main.c", NULL };
	static const char plain[] = PACK_PATCH("static int fix(int x) { return x; }", "0",
					       "open_one", "fix");

	(void)state;
	pack_refused(pack, "r", "int x = ;\n", pie, "compile-failed", "error");
	pack_refused(pack, "r", "int x;\n", pie, "bad-patch", "KLP_PATCH");
	pack_refused(pack, "r", plain, lib, "no-such-object", "the program");
	pack_refused(pack, "r", plain, anonymous, "unsupported-target", "build-id");
	pack_refused(pack, "r", plain, source_file, "unsupported-target", "main.c");
	pack_refused(pack, "r",
		     PACK_PATCH("static int fix(int x) { return x; }", "0", "aliased", "fix"), pie,
		     "aliased-function", "alias");
	pack_refused(pack, "r",
		     PACK_PATCH("static int fix(int x) { return x; }", "0", "chosen", "fix"), pie,
		     "bad-patch", "IFUNC");
	pack_refused(pack, "r",
		     PACK_PATCH("static int fix(int x) { return x; }", "0", "global", "fix"), pie,
		     "bad-patch", "not a function");
	pack_refused(pack, "r",
		     PACK_PATCH("__attribute__((constructor)) static void init(void) "
				"{ __asm__ volatile(\"\"); } static int fix(int x) { return x; }",
				"0", "open_one", "fix"),
		     pie, "bad-patch", "constructor");
	pack_refused(pack, "r", PACK_PATCH("extern int fix(int x);", "0", "open_one", "fix"), pie,
		     "bad-patch", "leads out of the patch");
	pack->cflags = "-mcmodel=large";
	pack_refused(pack, "r",
		     PACK_PATCH("extern int global; static int fix(int x) { return x + "
				"global; }",
				"0", "open_one", "fix"),
		     pie, "bad-patch", "R_X86_64_GOT");
	pack->cflags = "'unclosed";
	pack_refused(pack, "r", plain, pie, "compile-failed", "cflags");
}

static void test_aliases_together(void **state)
{
	static const char source[] =
		"#include <suture/livepatch.h>\nstatic int fix(int x) { return x; }\n"
		"static struct klp_func funcs[] = { { \"aliased\", fix }, { \"alias\", fix }, { } };\n"
		"static struct klp_object objs[] = { { 0, funcs }, { } };\nKLP_PATCH(.objs = objs);\n";
	static const char twice[] =
		"#include <suture/livepatch.h>\nstatic int fix(int x) { return x; }\n"
		"static struct klp_func funcs[] = { { \"open_one\", fix }, { \"open_one\", fix, 1 },\n"
		"	{ } };\n"
		"static struct klp_object objs[] = { { 0, funcs }, { } };\nKLP_PATCH(.objs = objs);\n";

	(void)state;
	pack_open(&fixture.pack, "alias", source, pie);
	check_function("pie", "aliased", 0);
	pack_close(&fixture.pack);
	pack_refused(&fixture.pack, "twice", twice, pie, "bad-patch", "twice");
}

static void test_address_taken(void **state)
{
	struct pack_case *pack = &fixture.pack;
	static const char *const taken[] = {
		"static int fix(int x); static int (*volatile keep)(int); static int fix(int x) "
		"{ keep = fix; return x; }",
		"static int help(int x) { return x; } static int (*volatile table[2])(int) = { help };\n"
		"extern int secret; static int fix(int x) { return table[secret](x); }",
		"#include <setjmp.h>\nstatic jmp_buf place; static int fix(int x) "
		"{ return setjmp(place) + x; }",
	};
	static const char *const not_taken[] = {
		"static int __attribute__((noinline)) help(int x) { return x * 3; }\n"
		"static int fix(int x) { return help(x) + 1; }",
		"extern int secret, global; static int fix(int x) { switch (x) { case 0: return "
		"secret; case 1: return global * 3; case 2: secret = 4; return 5; case 3: return "
		"global--; case 4: return secret--; case 5: secret += 5; return 3; } return 0; }",
	};
	char source[2048];

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		bool expected = i < 3;

		snprintf(source, sizeof(source), "%s%s\n%s", "#include <suture/livepatch.h>\n",
			 expected ? taken[i] : not_taken[i - 3],
			 "static struct klp_func funcs[] = { { \"open_one\", fix }, { } };\n"
			 "static struct klp_object objs[] = { { 0, funcs }, { } };\n"
			 "KLP_PATCH(.objs = objs);\n");
		pack_open(pack, "taken", source, pie);
		if (!(pack->file.info->flags & LP_FILE_ADDRESS_TAKEN) != !expected)
			fail_msg("case %zu", i);
		pack_close(pack);
	}
}

static const char full_source[] =
	"#include <suture/livepatch.h>\nstatic int fix(int x) { return x; }\n"
	"static struct klp_func funcs[] = { { \"open_one\", fix }, { } };\n"
	"static struct klp_func lib_funcs[] = { { \"shared\", fix }, { } };\n"
	"static struct klp_object objs[] = { { 0, funcs }, { \"libpack.so.1\", lib_funcs }, { } };\n"
	"static struct klp_state states[] = { { 5, 2 }, { 6 }, { } };\n"
	"static unsigned long old[] = { 3, 4, 0 };\n"
	"static const char *req[] = { \"base\", 0 };\nstatic const char *held[] = { \"main\", 0 };\n"
	"KLP_PATCH(.name = \"complete\", .description = \"CVE-2024-1, CVE-2023-99999, CVE-2024-1 \"\n"
	"	\"CVE-x\", .objs = objs, .states = states, .provides = 77, .obsoletes = old,\n"
	"	.replace = true, .replaceable = false, .conflicts = KLP_REPLACE, .requires = req,\n"
	"	.holds = held);\n";

static void test_everything_an_author_can_say(void **state)
{
	struct pack_case *pack = &fixture.pack;
	const struct lp_file *info;

	(void)state;
	pack_open(pack, "full", full_source, both);
	info = pack->file.info;
	assert_string_equal(pack->file.strings + info->name, "complete");
	assert_int_equal(info->flags, LP_FILE_REPLACE | LP_FILE_CONFLICTS_REPLACE);
	assert_int_equal(info->provides, 77);
	assert_int_equal(info->obsoletes.count, 2);
	assert_int_equal(pack->file.obsoletes[1], 4);
	assert_string_equal(pack->file.strings + pack->file.requires[0], "base");
	assert_true(info->holds.count >= 1);
	assert_string_equal(pack->file.strings + pack->file.holds[0].name, "main");
	assert_int_equal(info->states.count, 2);
	assert_int_equal(pack->file.states[0].version, 2);
	assert_int_equal(info->functions.count, 2);
	pack_close(pack);
}

static void test_info(void **state)
{
	struct lp_info *info;
	const char *why;
	char path[256];

	(void)state;
	pack_open(&fixture.pack, "full", full_source, both);
	pack_close(&fixture.pack);
	victim_path(&fixture.dir, "full.lp", path, sizeof(path));
	assert_int_equal(lp_info_create(&info, path, &why), 0);
	assert_string_equal(info->name, "complete");
	assert_int_equal(info->n_cves, 2);
	assert_string_equal(info->cves[1], "CVE-2023-99999");
	assert_int_equal(info->n_objects, 2);
	assert_null(info->objects[0].name);
	assert_string_equal(info->objects[1].name, "libpack.so.1");
	assert_int_equal(strlen(info->objects[1].build_id), 40);
	assert_string_equal(info->objects[0].functions[0].name, "open_one");
	assert_string_equal(info->objects[0].functions[0].new_name, "fix");
	assert_string_equal(info->objects[0].holds[0], "main");
	assert_true(info->code_size > 0);
	lp_info_destroy(info);
	victim_path(&fixture.dir, "pie", path, sizeof(path));
	assert_int_equal(lp_info_create(&info, path, &why), -EBADMSG);
	victim_path(&fixture.dir, "absent", path, sizeof(path));
	assert_int_equal(lp_info_create(&info, path, &why), -ENOENT);
}

static void write_bytes(const char *path, const unsigned char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void test_info_of_broken_files(void **state)
{
	static unsigned char bytes[65536];
	struct lp_info *info;
	const char *why;
	char path[256];
	size_t size;
	FILE *file;

	(void)state;
	pack_open(&fixture.pack, "full", full_source, both);
	pack_close(&fixture.pack);
	victim_path(&fixture.dir, "full.lp", path, sizeof(path));
	file = fopen(path, "r");
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	victim_path(&fixture.dir, "broken.lp", path, sizeof(path));
	for (size_t cut = 0; cut < size; cut += 7) {
		write_bytes(path, bytes, cut);
		assert_int_equal(lp_info_create(&info, path, &why), -EBADMSG);
	}
	srandom(1);
	for (int i = 0; i < 3000; i++) {
		size_t at = (size_t)random() % size;
		unsigned char old = bytes[at];

		bytes[at] = (unsigned char)random();
		write_bytes(path, bytes, size);
		if (!lp_info_create(&info, path, &why))
			lp_info_destroy(info);
		bytes[at] = old;
	}
}

static void test_same_input_same_bytes(void **state)
{
	(void)state;
	pack_open(&fixture.pack, "full", full_source, both);
	pack_close(&fixture.pack);
	assert_int_equal(victim_run(&fixture.dir, "cp full.lp first.lp"), 0);
	pack_open(&fixture.pack, "full", NULL, both);
	pack_close(&fixture.pack);
	assert_int_equal(victim_run(&fixture.dir, "cmp full.lp first.lp"), 0);
}

static void test_output_untouched_by_failure(void **state)
{
	(void)state;
	victim_write(&fixture.dir, "keep.lp", "as it was\n");
	pack_refused(&fixture.pack, "keep", "int x;\n", pie, "bad-patch", "KLP_PATCH");
	assert_int_equal(victim_run(&fixture.dir, "test \"$(cat keep.lp)\" = 'as it was'"), 0);
	assert_int_equal(victim_run(&fixture.dir, "test -z \"$(ls keep.lp.* 2>/dev/null)\""), 0);
}

static void test_object_file(void **state)
{
	struct lp_pack_options options = { .n_targets = 1,
					   .report = pack_report,
					   .context = &fixture.pack };
	char source[256], target[256], output[256];
	const char *targets[1] = { target };

	(void)state;
	fixture.pack.messages[0] = 0;
	victim_write(&fixture.dir, "own.c",
		     PACK_PATCH("static int fix(int x) { return x; }", "0", "open_one", "fix"));
	assert_int_equal(
		victim_run(&fixture.dir, "cc -O1 -fPIC -I" LP_SOURCE_ROOT "/include -c own.c"), 0);
	options.source = victim_path(&fixture.dir, "own.o", source, sizeof(source));
	options.output = victim_path(&fixture.dir, "own.lp", output, sizeof(output));
	options.targets = targets;
	victim_path(&fixture.dir, "pie", target, sizeof(target));
	if (lp_pack(&options))
		fail_msg("%s", fixture.pack.messages);
	assert_int_equal(victim_run(&fixture.dir, "test -s own.o && test -s own.lp"), 0);
}

static void test_pieces_are_parts(void **state)
{
	struct pack_case *pack = &fixture.pack;
	const struct lp_elf_symbol *symbol;
	struct lp_elf *elf;
	char path[256];

	(void)state;
	victim_path(&fixture.dir, lib[0], path, sizeof(path));
	assert_int_equal(lp_elf_open(&elf, path, NULL), 0);
	assert_int_equal(lp_elf_find(elf, "with_cold.cold", 0, &symbol), 0);
	pack_open(pack, "cold",
		  PACK_PATCH("static int fix(int x) { return x; }", "\"libpack.so.1\"", "with_cold",
			     "fix"),
		  lib);
	assert_int_equal(pack->file.functions[0].part_count, 1);
	assert_int_equal(pack->file.parts[0].addr, symbol->addr);
	pack_close(pack);
	/* nameless, it is found by the branch that leads there */
	assert_int_equal(victim_run(&fixture.dir, "strip -o libbare.so libpack.so.1.0"), 0);
	pack_open(pack, "cold", NULL, (const char *const[]){ "libbare.so", NULL });
	assert_int_equal(pack->file.functions[0].part_count, 1);
	assert_int_equal(pack->file.parts[0].addr, symbol->addr);
	pack_close(pack);
	lp_elf_close(elf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_program_and_library, before),
		cmocka_unit_test_setup(test_only_what_runs_is_in_it, before),
		cmocka_unit_test_setup(test_positions, before),
		cmocka_unit_test_setup(test_debug_file, before),
		cmocka_unit_test_setup(test_symbols_of_the_target, before),
		cmocka_unit_test_setup(test_thread_local, before),
		cmocka_unit_test_setup(test_refusals, before),
		cmocka_unit_test_setup(test_aliases_together, before),
		cmocka_unit_test_setup(test_address_taken, before),
		cmocka_unit_test_setup(test_everything_an_author_can_say, before),
		cmocka_unit_test_setup(test_info, before),
		cmocka_unit_test_setup(test_info_of_broken_files, before),
		cmocka_unit_test_setup(test_same_input_same_bytes, before),
		cmocka_unit_test_setup(test_output_untouched_by_failure, before),
		cmocka_unit_test_setup(test_object_file, before),
		cmocka_unit_test_setup(test_pieces_are_parts, before),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
