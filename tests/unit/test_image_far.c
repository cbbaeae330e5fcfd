// SPDX-License-Identifier: LGPL-2.1-or-later
/* Patches in two pieces: near this program, and near libc, which is too far from it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../src/agent/alloc.h"
#include "../../src/agent/attic.h"
#include "../../src/agent/image.h"
#include "../../src/agent/sys.h"
#include "lpfile_builder.h"

#define LIBRARY "libc.so.6"
#define REACH (2ul << 30)

/* What the patch reaches directly. */
static int private_counter = 1000;

static const char source[] = "#define hidden __attribute__((visibility(\"hidden\")))\n"
			     "extern int private_counter hidden; extern char far_code[] hidden;\n"
			     "static int calls; static int far_own = 5; int far_public = 7;\n"
			     "static const char *const far_names[] = { \"zero\", \"one\" };\n"
			     "__attribute__((noinline)) int count(void) { return ++calls; }\n"
			     "int near_one(int x) { return private_counter + x + count(); }\n"
			     "char *far_one(int x) { return far_code + x; }\n"
			     "int far_data(int x) { far_own += x; return far_own; }\n"
			     "const char *far_name(int x) { return far_names[x]; }\n"
			     "int far_calls(int x) { return near_one(x) + count(); }\n"
			     "int near_calls(int x) { return far_data(x) + far_public; }\n";

static const char *const far_sections[] = { ".text.far_one",
					    ".text.far_data",
					    ".data.far_own",
					    ".text.far_calls",
					    ".data.far_public",
					    ".text.far_name",
					    ".rodata.str1.1",
					    ".data.rel.ro.local.far_names",
					    NULL };

struct far_patch {
	struct built built;
	struct lp_patch_file file;
	struct lp_image image;
	struct lp_object *objects;
	const struct lp_object *targets[2];
	struct lp_refusal refusals[8];
	struct lp_report report;
};

static struct far_patch patch;

static void find_targets(void)
{
	size_t count;

	patch.objects = lp_objects_list(&count);
	assert_non_null(patch.objects);
	patch.targets[0] = lp_objects_find(patch.objects, count, NULL);
	patch.targets[1] = lp_objects_find(patch.objects, count, LIBRARY);
	assert_non_null(patch.targets[0]);
	assert_non_null(patch.targets[1]);
	if (patch.targets[1]->hi - patch.targets[0]->lo < REACH)
		skip(); /* started by way of the dynamic linker */
}

static void make(const char *flags, const char *const *places)
{
	struct bound near = { "private_counter", 0, STT_OBJECT };
	struct bound far = { "far_code", 0, STT_FUNC };

	memset(&patch, 0, sizeof(patch));
	patch.report = (struct lp_report){ .refusals = patch.refusals, .capacity = 8 };
	find_targets();
	builder_compile(&patch.built, source, flags);
	near.value = (uint64_t)&private_counter - patch.targets[0]->base;
	far.value = (uint64_t)dlsym(RTLD_NEXT, "getenv") - patch.targets[1]->base;
	builder_bind(&patch.built, &near);
	builder_bind_in(&patch.built, &far, LIBRARY);
	builder_describe(&patch.built, "near_one");
	builder_add_object(&patch.built, LIBRARY);
	builder_set_places(&patch.built, places);
}

static const char *open_file(void)
{
	int fd = builder_file(patch.built.bytes, patch.built.size);
	const char *why = "";
	int ret = lp_patch_file_open(&patch.file, fd, &why);

	close(fd);
	return ret ? why : NULL;
}

static int load(void)
{
	const char *why = open_file();

	if (why)
		fail_msg("%s", why);
	return lp_image_load(&patch.image, &patch.file, patch.targets, NULL, &patch.report);
}

static void clean(void)
{
	lp_patch_file_close(&patch.file);
	lp_free(patch.objects);
}

static void *function(const char *name)
{
	uint32_t index = 0;

	assert_non_null(builder_symbol(&patch.built, name, &index));
	return (void *)lp_image_symbol(&patch.image, &patch.file, index);
}

#define call(type, name, x) ((type(*)(int))function(name))(x)
#define PLAIN "-ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables"

static bool is_near(uint64_t addr, const struct lp_object *object)
{
	return addr - object->lo < REACH || object->hi - addr < REACH;
}

static void each_piece_reaches_its_object(void **state)
{
	(void)state;
	make(PLAIN, far_sections);
	assert_int_equal(load(), 0);
	assert_int_equal(patch.image.n_pieces, 2);
	for (int i = 0; i < 2; i++) {
		assert_true(is_near(patch.image.pieces[i].range.addr, patch.targets[i]));
		assert_false(is_near(patch.image.pieces[i].range.addr, patch.targets[!i]));
		assert_true(patch.image.pieces[i].text_size > 0);
	}
	assert_true(is_near((uint64_t)function("near_one"), patch.targets[0]));
	assert_true(is_near((uint64_t)function("far_one"), patch.targets[1]));
	assert_int_equal(call(int, "near_one", 5), 1006);
	assert_ptr_equal(call(char *, "far_one", 3), (char *)dlsym(RTLD_NEXT, "getenv") + 3);
	assert_int_equal(call(int, "far_data", 2), 7);
	assert_string_equal(call(const char *, "far_name", 1), "one");
	/* across, both ways: calls by a stub, data by a slot */
	assert_int_equal(call(int, "far_calls", 0), 1002 + 3);
	assert_int_equal(call(int, "near_calls", 1), 8 + 7);
	lp_image_unload(&patch.image);
	clean();
}

static void one_place_alone(void **state)
{
	/* nothing refers to what is near the program but calls; and that is not where it begins */
	static const char *const all_but_one[] = { ".text.far_one", NULL };

	(void)state;
	make(PLAIN, all_but_one);
	built_info(&patch.built)->places.count = 0;
	assert_int_equal(load(), -ECANCELED);
	assert_int_equal(patch.refusals[0].reason, LP_REASON_NO_MEMORY_NEAR);
	assert_non_null(strstr(patch.refusals[0].function, "far_code"));
	clean();
}

static void data_in_the_wrong_place(void **state)
{
	static const char *const without_data[] = { ".text.far_one", ".text.far_data", NULL };

	(void)state;
	make(PLAIN, without_data);
	assert_int_equal(load(), -ECANCELED);
	assert_int_equal(patch.refusals[0].reason, LP_REASON_NO_MEMORY_NEAR);
	assert_string_equal(patch.refusals[0].function, ".data.far_own");
	clean();
}

static void unwind_table_of_code_elsewhere(void **state)
{
	(void)state;
	make("-ffunction-sections -fdata-sections", far_sections);
	assert_int_equal(load(), -ECANCELED);
	assert_int_equal(patch.refusals[0].reason, LP_REASON_NO_MEMORY_NEAR);
	clean();
}

static void two_unwind_tables(void **state)
{
	static const char *const moved[] = { ".data.far_own", NULL };
	Elf64_Shdr *other;

	(void)state;
	make("-ffunction-sections -fdata-sections", moved);
	other = builder_section(&patch.built, ".data.far_own");
	other->sh_name = builder_section(&patch.built, ".eh_frame")->sh_name;
	assert_null(open_file()); /* one near each object */
	lp_patch_file_close(&patch.file);
	built_info(&patch.built)->places.count = 0;
	assert_non_null(strstr(open_file(), "more than one .eh_frame"));
	lp_free(patch.objects);
}

static bool is_mapped(uint64_t addr)
{
	return !msync((void *)(addr & ~4095ul), 1, MS_ASYNC);
}

static void data_stays_when_code_goes(void **state)
{
	uint64_t near_text, far_text, far_data;
	uint32_t index = 0;

	(void)state;
	make(PLAIN, far_sections);
	assert_int_equal(load(), 0);
	near_text = (uint64_t)function("near_one");
	far_text = (uint64_t)function("far_one");
	builder_symbol(&patch.built, "far_public", &index);
	far_data = lp_image_symbol(&patch.image, &patch.file, index);
	lp_image_retire(&patch.image);
	assert_false(is_mapped(near_text));
	assert_false(is_mapped(far_text));
	assert_true(is_mapped(far_data));
	lp_attic_deinit();
	assert_false(is_mapped(far_data));
	clean();
}

static uint64_t random_state = 0x9e3779b97f4a7c15ull;

static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 16) % limit;
}

/* Broken places and sections: none may crash the process. */
static void mutants_never_crash(void **state)
{
	static struct built good;
	unsigned int loaded = 0;

	(void)state;
	make(PLAIN, far_sections);
	good = patch.built;
	for (int i = 0; i < 3000; i++) {
		const struct lp_table *places = &built_info(&good)->places;
		uint32_t at = (uint32_t)good.info + places->offset +
			      random_below(places->count * sizeof(struct lp_file_place));

		memcpy(patch.built.bytes, good.bytes, good.size);
		patch.built.bytes[at & ~3u] = (uint8_t)random_below(at % 8 < 4 ? 32 : 2);
		if (i % 3 == 0)
			patch.built.bytes[builder_header(&good)->e_shoff + random_below(2048)] ^=
				(uint8_t)(1u << random_below(8));
		if (open_file())
			continue;
		if (!lp_image_load(&patch.image, &patch.file, patch.targets, NULL, &patch.report)) {
			loaded++;
			lp_image_unload(&patch.image);
		}
		lp_patch_file_close(&patch.file);
	}
	lp_free(patch.objects);
	assert_true(loaded > 100);
}

#ifdef LP_FAULTS
static int count_code(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[8192];
	int count = 0;

	while (fgets(line, sizeof(line), maps))
		count += strstr(line, "suture-code") || strstr(line, "---p 00000000 00:00 0");
	fclose(maps);
	return count;
}

static void every_failing_call_leaves_nothing(void **state)
{
	int before, failures = 0;

	(void)state;
	make(PLAIN, far_sections);
	assert_null(open_file());
	before = count_code();
	for (long n = 1;; n++) {
		int ret;

		lp_sys_fail_at = n;
		ret = lp_image_load(&patch.image, &patch.file, patch.targets, NULL, &patch.report);
		if (!ret)
			lp_image_unload(&patch.image);
		failures += ret < 0;
		assert_int_equal(count_code(), before);
		if (lp_sys_fail_at > 0)
			break; /* not reached any more */
		assert_true(n < 10000);
	}
	lp_sys_fail_at = 0;
	assert_true(failures > 12);
	assert_int_equal(
		lp_image_load(&patch.image, &patch.file, patch.targets, NULL, &patch.report), 0);
	lp_image_unload(&patch.image);
	clean();
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_piece_reaches_its_object),
		cmocka_unit_test(one_place_alone),
		cmocka_unit_test(data_in_the_wrong_place),
		cmocka_unit_test(unwind_table_of_code_elsewhere),
		cmocka_unit_test(two_unwind_tables),
		cmocka_unit_test(data_stays_when_code_goes),
		cmocka_unit_test(mutants_never_crash),
#ifdef LP_FAULTS
		cmocka_unit_test(every_failing_call_leaves_nothing),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
