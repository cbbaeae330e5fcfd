/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is added by hand to a patch of a diff (lp_build() with `adds`), from objects that are there
 * already: what gets into the file, and that the agent takes it.
 */
#include <stdbool.h>

#include "../../src/build/build.h"
#include "pack_case.h"

static const char old_source[] =
	"#define OUT __attribute__((noinline, noclone))\n"
	"static OUT long leaf(long n) { return n + 1; }\n"
	"static OUT long other(long n) { return n + 2; }\n"
	"long (*const table[])(long) = { leaf, other };\n"
	"static volatile long limit = 5;\n"
	"OUT long clamp(long a, long b, long c) { return a < limit ? a : limit + b * c; }\n";
/* clamp() calls leaf() directly, and GCC keeps what it needs in registers that that one leaves alone */
static const char new_source[] =
	"#define OUT __attribute__((noinline, noclone))\n"
	"static OUT long leaf(long n) { return n + 1; }\n"
	"static OUT long other(long n) { return n + 2; }\n"
	"long (*const table[])(long) = { leaf, other };\n"
	"static volatile long limit = 5;\n"
	"__attribute__((weak)) long by_hand(long n);\n"
	"long fresh = 3;\n"
	"OUT long clamp(long a, long b, long c) { return leaf(a) + by_hand(b) + leaf(c) * b; }\n";
static const char main_source[] =
	"long clamp(long, long, long); extern long (*const table[])(long);\n"
	"int main(int argc, char **argv) {\n"
	"	(void)argv; return clamp(argc, 2, 3) + table[argc & 1](argc); }\n";

#define BY_HAND "long by_hand(long n); long by_hand(long n) { return n * 2; }\n"
#define HEAD "#include <suture/livepatch.h>\n"
#define STATE                                                                                        \
	"static int pre(struct klp_patch *p, struct klp_state *s) { (void)p; (void)s; return 0; }\n" \
	"static void dtor(void *o, void *d) { (void)o; (void)d; }\n"                                 \
	"static struct klp_state states[] = { { .id = 9, .version = 4, .is_shadow = true,\n"         \
	"	.callbacks = { .pre_patch = pre, .shadow_dtor = dtor } }, {} };\n"
#define OBJECT                                                                                     \
	"static void post(struct klp_object *o) { (void)o; }\n"                                    \
	"static struct klp_object objs[] = { { .callbacks = { .post_patch = post } }, {} };\n"

static struct victim_dir dir;
static struct pack_case pack;

static int setup(void **state)
{
	/* what the phases before have left: the list of units, and both objects of each */
	static const char units[] =
		"printf 'victim.c\\0victim.o\\0original.o\\0patched.o\\0\\0' >units";

	(void)state;
	victim_dir_init(&dir);
	pack.dir = &dir;
	victim_write(&dir, "old.c", old_source);
	victim_write(&dir, "new.c", new_source);
	victim_write(&dir, "main.c", main_source);
	assert_int_equal(victim_run(&dir,
				    "cp old.c victim.c && "
				    "cc -O2 -g -Wl,--build-id victim.c main.c -o victim && "
				    "compile='cc -O2 -g -ffunction-sections -fdata-sections' && "
				    "$compile -c victim.c -o original.o && cp new.c victim.c && "
				    "$compile -c victim.c -o patched.o"),
			 0);
	assert_int_equal(victim_run(&dir, units), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	victim_dir_deinit(&dir);
	return 0;
}

/* Builds NAME.lp of the diff and up to two added sources. */
static int try(const char *name, const char *first, const char *second)
{
	const char *sources[] = { first, second }, *adds[2], *targets[1];
	char paths[2][256], target[256], output[256];
	struct lp_build_result result;
	struct lp_build_options options = {
		.targets = targets,
		.n_targets = 1,
		.work = dir.path,
		.from_objects = true,
		.adds = adds,
		.include_dir = LP_SOURCE_ROOT "/include",
		.output = output,
		.report = pack_report,
		.context = &pack,
	};
	int err;

	targets[0] = victim_path(&dir, "victim", target, sizeof(target));
	snprintf(output, sizeof(output), "%s/%s.lp", dir.path, name);
	for (size_t i = 0; i < 2; i++) {
		char file[32];

		if (!sources[i])
			continue;
		snprintf(file, sizeof(file), "add%zu.c", i);
		victim_write(&dir, file, sources[i]);
		adds[options.n_adds++] = victim_path(&dir, file, paths[i], sizeof(paths[i]));
	}
	pack.messages[0] = 0;
	err = lp_build(&options, &result);
	lp_build_result_free(&result);
	return err;
}

static void made(const char *name, const char *first, const char *second)
{
	const char *why = "";
	char path[256];
	int fd, err = try(name, first, second);

	if (err)
		fail_msg("%d: %s", err, pack.messages);
	snprintf(path, sizeof(path), "%s/%s.lp", dir.path, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	err = lp_patch_file_open(&pack.file, fd, &why);
	close(fd);
	if (err)
		fail_msg("the agent refuses it: %d, %s", err, why);
}

static void refused(const char *first, const char *second, const char *reason, const char *text)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "error %s: ", reason);
	if (try("refused", first, second) != -ECANCELED || !strstr(pack.messages, wanted) ||
	    !strstr(pack.messages, text))
		fail_msg("not \"%s\" with \"%s\", but: %s", wanted, text, pack.messages);
}

static const char *symbol_name(uint32_t symbol)
{
	return symbol ? pack.file.symbol_names + pack.file.symbols[symbol].st_name : "";
}

static void test_the_patch_is_described(void **state)
{
	const struct lp_patch_file *file = &pack.file;

	(void)state;
	made("described",
	     HEAD BY_HAND STATE OBJECT
	     "static const unsigned long old[] = { 3, 8, 0 };\n"
	     "KLP_PATCH(.name = \"given\", .description = \"why\", .objs = objs, .states = states,\n"
	     "	.provides = 7, .obsoletes = old, .replace = true);\n",
	     NULL);
	assert_string_equal(file->strings + file->info->name, "given");
	assert_string_equal(file->strings + file->info->description, "why");
	assert_int_equal(file->info->provides, 7);
	assert_int_equal(file->info->obsoletes.count, 2);
	assert_int_equal(file->info->flags, LP_FILE_REPLACE | LP_FILE_REPLACEABLE);
	assert_int_equal(file->info->states.count, 1);
	assert_int_equal(file->states[0].id, 9);
	assert_int_equal(file->states[0].version, 4);
	assert_int_equal(file->states[0].flags, LP_FILE_STATE_SHADOW);
	assert_string_equal(symbol_name(file->states[0].callbacks[0]), "pre");
	assert_string_equal(symbol_name(file->states[0].shadow_dtor), "dtor");
	assert_int_equal(file->info->objects.count, 1);
	assert_string_equal(symbol_name(file->objects[0].callbacks[1]), "post");
	assert_int_equal(file->objects[0].callbacks[0], 0);
	assert_int_equal(file->info->functions.count, 1);
	assert_string_equal(file->strings + file->functions[0].name, "clamp");
	assert_string_equal(symbol_name(file->functions[0].new_symbol), "clamp");
	pack_close(&pack);
}

static void test_without_a_patch_of_its_own(void **state)
{
	(void)state;
	made("plain", BY_HAND, NULL);
	assert_string_equal(pack.file.strings + pack.file.info->name, "plain");
	assert_int_equal(pack.file.info->flags, LP_FILE_REPLACEABLE);
	assert_non_null(pack_symbol(&pack, "by_hand"));
	assert_null(pack_section(&pack, ".data.fresh"));
	pack_close(&pack);
}

/* The diff's code calls it, and does not look whether it is there: nor may the process be without. */
static void test_forgotten(void **state)
{
	const Elf64_Sym *symbol;

	(void)state;
	made("forgotten", NULL, NULL);
	symbol = pack_symbol(&pack, "by_hand");
	assert_non_null(symbol);
	assert_int_equal(symbol->st_shndx, SHN_UNDEF);
	assert_int_equal(ELF64_ST_BIND(symbol->st_info), STB_GLOBAL);
	pack_close(&pack);
}

static void test_what_only_describes_stays_out(void **state)
{
	(void)state;
	made("small", HEAD BY_HAND STATE OBJECT "KLP_PATCH(.objs = objs, .states = states);\n",
	     NULL);
	for (uint32_t i = 1; i < pack.file.n_sections; i++) {
		const char *name = pack.file.section_names + pack.file.sections[i].sh_name;

		if (strstr(name, "states") || strstr(name, "objs") ||
		    !strcmp(name, ".suture.patch") || strstr(name, "debug"))
			fail_msg("%s is in it", name);
	}
	pack_close(&pack);
}

/* What the diff defines anew is in the patch because something that is added uses it. */
static void test_uses_what_is_new(void **state)
{
	(void)state;
	made("uses",
	     "extern long fresh; long by_hand(long n);\n"
	     "long by_hand(long n) { return n + fresh++; }\n",
	     NULL);
	assert_non_null(pack_section(&pack, ".data.fresh"));
	pack_close(&pack);
}

static void test_one_name_two_meanings(void **state)
{
	(void)state;
	made("two",
	     HEAD "extern volatile long limit; long by_hand(long n); long more(void);\n"
		  "KLP_EXTERN(limit, NULL, \"table\", 0);\n"
		  "long by_hand(long n) { return n + limit + more(); }\n",
	     HEAD "extern volatile long limit; long more(void);\n"
		  "long more(void) { return limit; }\n");
	assert_non_null(pack_symbol(&pack, ".klp.sym.program.limit,0"));
	assert_non_null(pack_symbol(&pack, ".klp.sym.program.table,0"));
	pack_close(&pack);
}

/* Whoever speaks of the patch means the agent's, which has the states with their data. */
static void test_the_patch_itself(void **state)
{
	const Elf64_Sym *symbol;

	(void)state;
	made("itself",
	     HEAD STATE "long by_hand(long n); long by_hand(long n) {\n"
			"	return klp_get_state(KLP_THIS_PATCH, 9) ? n : 0; }\n"
			"KLP_PATCH(.states = states);\n",
	     HEAD "long more(void); long more(void) {\n"
		  "	return klp_transition_complete(KLP_THIS_PATCH); }\n");
	symbol = pack_symbol(&pack, "klp_this_patch");
	assert_non_null(symbol);
	assert_int_equal(symbol->st_shndx, SHN_UNDEF);
	assert_null(pack_section(&pack, ".suture.patch"));
	pack_close(&pack);
}

#define CLOBBER                                                                                     \
	"static long new_leaf(long n) { __asm__ volatile(\"xor %%esi, %%esi; xor %%edx, %%edx;\"\n" \
	"	\"xor %%ecx, %%ecx; xor %%r8d, %%r8d\" : : : \"rsi\", \"rdx\", \"rcx\", \"r8\");\n"       \
	"	return n + 5; }\n"                                                                        \
	"static struct klp_func funcs[] = {\n"                                                      \
	"	{ .old_name = \"leaf\", .new_func = new_leaf }, {} };\n"                                  \
	"static struct klp_object objs[] = { { .funcs = funcs }, {} };\n"

/* The target calls leaf() by a pointer only; the fix's clamp() calls it directly. */
static void test_a_replacement_by_hand_keeps_registers(void **state)
{
	(void)state;
	made("wrapped", HEAD BY_HAND CLOBBER "KLP_PATCH(.objs = objs);\n", NULL);
	assert_int_equal(pack.file.info->functions.count, 2);
	if (!strstr(pack.messages, "leaf gets a wrapper"))
		fail_msg("no wrapper: %s", pack.messages);
	assert_null(strstr(pack.messages, "clamp gets"));
	pack_close(&pack);
}

static void test_same_input_same_bytes(void **state)
{
	static const char source[] = HEAD BY_HAND STATE OBJECT
		"KLP_PATCH(.objs = objs, .states = states);\n";

	(void)state;
	assert_int_equal(try("same", source, NULL), 0);
	assert_int_equal(victim_run(&dir, "cp same.lp once.lp"), 0);
	assert_int_equal(try("same", source, NULL), 0);
	assert_int_equal(victim_run(&dir, "cmp same.lp once.lp"), 0);
}

static void test_refused(void **state)
{
	(void)state;
	refused("long by_hand(long n) { return m; }\n", NULL, "compile-failed", "add0.c");
	refused(BY_HAND, "long by_hand(long n); long by_hand(long n) { return n; }\n", "bad-patch",
		"by_hand");
	refused(BY_HAND "long clamp(long n); long clamp(long n) { return n; }\n", NULL, "bad-patch",
		"defines clamp");
	refused(BY_HAND "long fresh;\n", NULL, "bad-patch", "defines fresh");
	refused(HEAD BY_HAND "KLP_PATCH();\n", HEAD "KLP_PATCH();\n", "bad-patch",
		"both have a KLP_PATCH()");
	refused(HEAD BY_HAND
		"static void post(struct klp_object *o) { (void)o; }\n"
		"static struct klp_object objs[] = {\n"
		"	{ .name = \"libno.so\", .callbacks = { .post_patch = post } }, {} };\n"
		"KLP_PATCH(.objs = objs);\n",
		NULL, "no-such-object", "libno.so");
	refused(HEAD BY_HAND "static struct klp_object objs[] = { { .name = \"victim\" }, {} };\n"
			     "KLP_PATCH(.objs = objs);\n",
		NULL, "bad-patch", "no functions and no callbacks");
	refused(HEAD BY_HAND "extern long nowhere;\nKLP_EXTERN(nowhere, NULL, \"gone\", 0);\n"
			     "long use(void); long use(void) { return nowhere; }\n",
		NULL, "no-such-symbol", "add0.c:nowhere");
	refused(BY_HAND "__thread long own; long use(void); long use(void) { return own++; }\n",
		NULL, "bad-patch", "thread-local");
	refused(BY_HAND "__attribute__((constructor)) static void begin(void)\n"
			"	{ by_hand(1); __asm__ volatile(\"\"); }\n",
		NULL, "bad-patch", "constructor");
	refused(HEAD BY_HAND "static long other_clamp(long n) { return n; }\n"
			     "static struct klp_func funcs[] = {\n"
			     "	{ .old_name = \"clamp\", .new_func = other_clamp }, {} };\n"
			     "static struct klp_object objs[] = { { .funcs = funcs }, {} };\n"
			     "KLP_PATCH(.objs = objs);\n",
		NULL, "bad-patch", "clamp is replaced twice");
}

/* A patch that is all by hand has functions. */
static void test_not_for_pack(void **state)
{
	static const char *const victim[] = { "victim", NULL };

	(void)state;
	pack_refused(&pack, "a", HEAD OBJECT "KLP_PATCH(.objs = objs);\n", victim, "bad-patch",
		     "has no functions");
	pack_refused(&pack, "b", HEAD STATE "KLP_PATCH(.states = states);\n", victim, "bad-patch",
		     "the patch has no objects");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_patch_is_described),
		cmocka_unit_test(test_without_a_patch_of_its_own),
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_what_only_describes_stays_out),
		cmocka_unit_test(test_uses_what_is_new),
		cmocka_unit_test(test_one_name_two_meanings),
		cmocka_unit_test(test_the_patch_itself),
		cmocka_unit_test(test_a_replacement_by_hand_keeps_registers),
		cmocka_unit_test(test_same_input_same_bytes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_not_for_pack),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
