/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unwind tables of some functions of a file. What is expected is what the compiler makes of a file
 * that has only those functions.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/build/framefilter.h"
#include "victim_file.h"

/*
 * Of plain functions, and of ones with a personality and an LSDA; -DONLY: c and b. Assemblers
 * put a CIE where it is first used, so a comes first.
 */
static const char source[] =
	"void done(int *); int other(int); void may(int *); int more(int, int *);\n"
	"#ifndef ONLY\n"
	"int a(int x) { return other(x) + 1; }\n"
	"#endif\n"
	"int c(int x) { int v[4] = { x }; return more(other(x) * 2, v); }\n"
	"int b(int x) { int v __attribute__((cleanup(done))) = x; may(&v); return v; }\n"
	"#ifndef ONLY\n"
	"int z(int x) { int v __attribute__((cleanup(done))) = x; may(&v); return v; }\n"
	"int d(int x) { int v __attribute__((cleanup(done))) = x; may(&v); return other(v); }\n"
	"int e(int x) { return other(x) * 3; }\n"
	"#endif\n";
static const char *const builds[] = {
	"gcc -O2 -fexceptions",	  "gcc -O0 -fexceptions -fPIC",	  "gcc -Os -fno-pie",
	"clang -O2 -fexceptions", "clang -O0 -fexceptions -fPIC",
};

#define N_BUILDS (sizeof(builds) / sizeof(builds[0]))

static struct victim_dir dir;

static int setup(void **state)
{
	char command[512];

	(void)state;
	victim_dir_init(&dir);
	victim_write(&dir, "x.c", source);
	for (size_t i = 0; i < N_BUILDS; i++) {
		snprintf(command, sizeof(command),
			 "%s -ffunction-sections -fdata-sections -fasynchronous-unwind-tables -c "
			 "x.c -o all%zu.o && %s -DONLY -ffunction-sections -fdata-sections "
			 "-fasynchronous-unwind-tables -c x.c -o only%zu.o",
			 builds[i], i, builds[i], i);
		assert_int_equal(victim_run(&dir, command), 0);
	}
	victim_write(&dir, "end.s",
		     ".section .eh_frame,\"a\",@progbits\n.long 0\n"
		     ".section .note.GNU-stack,\"\",@progbits\n");
	assert_int_equal(victim_run(&dir, "as end.s -o end.o && ld -r all0.o end.o -o ended.o"), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	victim_dir_deinit(&dir);
	return 0;
}

static void object_open(struct lp_relobj *obj, const char *name)
{
	struct lp_build_refusal refusal = { 0 };
	char path[256];

	assert_int_equal(lp_relobj_open(obj, victim_path(&dir, name, path, sizeof(path)), &refusal),
			 0);
}

static struct lp_section *numbered_open(struct lp_relobj *obj, const char *name, size_t number)
{
	char file[64];

	snprintf(file, sizeof(file), "%s%zu.o", name, number);
	object_open(obj, file);
	assert_non_null(lp_relobj_section(obj, ".eh_frame"));
	return lp_relobj_section(obj, ".eh_frame");
}

/* Marks the code of functions by the last letter of their sections: .text.b, .text.unlikely.b */
static void keep_code(struct lp_relobj *obj, const char *letters)
{
	for (uint32_t i = 1; i < obj->n_sections; i++) {
		struct lp_section *section = &obj->sections[i];
		size_t length = strlen(section->name);

		section->keep = !strncmp(section->name, ".text.", 6) &&
				strchr(letters, section->name[length - 1]);
	}
}

static const char *target_name(const struct lp_relobj *obj, const struct lp_relocation *reloc)
{
	const struct lp_symbol *symbol = &obj->symbols[reloc->symbol];

	return symbol->type == STT_SECTION ? obj->sections[symbol->section].name : symbol->name;
}

static void assert_same(const struct lp_relobj *a, const struct lp_section *x,
			const struct lp_relobj *b, const struct lp_section *y)
{
	assert_int_equal(x->size, y->size);
	assert_memory_equal(x->bytes, y->bytes, x->size);
	assert_int_equal(x->n_relocs, y->n_relocs);
	for (size_t i = 0; i < x->n_relocs; i++) {
		assert_int_equal(x->relocs[i].offset, y->relocs[i].offset);
		assert_int_equal(x->relocs[i].type, y->relocs[i].type);
		assert_int_equal(x->relocs[i].addend, y->relocs[i].addend);
		assert_string_equal(target_name(a, &x->relocs[i]), target_name(b, &y->relocs[i]));
	}
}

static void test_some(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_BUILDS; i++) {
		struct lp_relobj all, only;
		struct lp_section *have = numbered_open(&all, "all", i);
		struct lp_section *want = numbered_open(&only, "only", i);

		keep_code(&all, "bc");
		assert_true(have->size > want->size);
		assert_int_equal(lp_frames_filter(&all), 0);
		assert_true(have->keep);
		assert_same(&all, have, &only, want);
		lp_relobj_close(&all);
		lp_relobj_close(&only);
	}
}

static void test_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_BUILDS; i++) {
		struct lp_relobj all, again;
		struct lp_section *have = numbered_open(&all, "all", i);
		struct lp_section *want = numbered_open(&again, "all", i);

		keep_code(&all, "abcdez");
		assert_int_equal(lp_frames_filter(&all), 0);
		assert_true(have->keep);
		assert_same(&all, have, &again, want);
		lp_relobj_close(&all);
		lp_relobj_close(&again);
	}
}

/* One at a time down to none; each result is again a whole section. */
static void test_fewer_and_fewer(void **state)
{
	static const char *const letters[] = { "abcdez", "abcde", "bcde", "bde", "de", "e" };
	struct lp_relobj obj;
	struct lp_section *frames = numbered_open(&obj, "all", 0);
	uint64_t size = frames->size + 1;

	(void)state;
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		keep_code(&obj, letters[i]);
		assert_int_equal(lp_frames_filter(&obj), 0);
		assert_true(frames->keep && frames->size < size && frames->size % 8 == 0);
		size = frames->size;
	}
	keep_code(&obj, "");
	frames->keep = true;
	assert_int_equal(lp_frames_filter(&obj), 0);
	assert_false(frames->keep);
	assert_int_equal(frames->size, 0);
	assert_int_equal(frames->n_relocs, 0);
	assert_int_equal(lp_frames_filter(&obj), 0);
	lp_relobj_close(&obj);
}

static void test_terminator(void **state)
{
	struct lp_relobj obj, plain;
	struct lp_section *frames, *want = numbered_open(&plain, "all", 0);
	uint32_t last;

	(void)state;
	object_open(&obj, "ended.o");
	frames = lp_relobj_section(&obj, ".eh_frame");
	keep_code(&obj, "bc");
	keep_code(&plain, "bc");
	assert_int_equal(lp_frames_filter(&obj), 0);
	assert_int_equal(lp_frames_filter(&plain), 0);
	assert_true(frames->keep);
	memcpy(&last, frames->bytes + frames->size - sizeof(last), sizeof(last));
	assert_int_equal(last, 0);
	assert_int_equal(frames->n_relocs, want->n_relocs);
	/* the last FDE is not filled up */
	assert_in_range(frames->size, want->size, want->size + 4);
	keep_code(&obj, "");
	assert_int_equal(lp_frames_filter(&obj), 0);
	assert_int_equal(frames->size, 0);
	lp_relobj_close(&obj);
	lp_relobj_close(&plain);
}

/* A section that is refused leaves the others alone. */
static void test_nothing_changes(void **state)
{
	struct lp_relobj obj, again;
	struct lp_section *frames = numbered_open(&obj, "all", 0);
	struct lp_section *want = numbered_open(&again, "all", 0);
	struct lp_section *other = lp_relobj_section(&obj, ".comment");

	(void)state;
	assert_non_null(other);
	free(other->name);
	other->name = strdup(".eh_frame");
	keep_code(&obj, "b");
	frames->keep = true;
	assert_int_equal(lp_frames_filter(&obj), -EBADMSG);
	assert_true(frames->keep);
	assert_same(&obj, frames, &again, want);
	lp_relobj_close(&obj);
	lp_relobj_close(&again);
}

struct damage {
	uint64_t offset;
	uint32_t word;
};

/* Of "all0.o", whose first record is a CIE of 24 bytes with an FDE of 24 bytes behind it. */
static void test_malformed(void **state)
{
	static const struct damage cases[] = {
		{ 0, 0xffffffff }, /* the 64-bit format */
		{ 0, 0xfffffff0 }, /* reserved */
		{ 0, 4 }, /* not even a head */
		{ 0, 0x7fffffff }, /* longer than the section */
		{ 0, 0 }, /* a terminator with records behind it */
		{ 0, 0x15 }, /* the next one is found in the middle of nothing */
		{ 8, 0x00527a07 }, /* version */
		{ 0x1c, 0x20 }, /* a CIE before the section */
		{ 0x1c, 0x18 }, /* in the middle of one */
		{ 0x1c, 4 }, /* the FDE itself */
		{ 0x1c, 0xfffffff0 }, /* behind it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lp_relobj obj;
		struct lp_section *frames = numbered_open(&obj, "all", 0);
		uint64_t size = frames->size;
		size_t n_relocs = frames->n_relocs;

		memcpy(frames->bytes + cases[i].offset, &cases[i].word, 4);
		keep_code(&obj, "abcdez");
		if (lp_frames_filter(&obj) != -EBADMSG)
			fail_msg("case %zu passes", i);
		assert_int_equal(frames->size, size);
		assert_int_equal(frames->n_relocs, n_relocs);
		lp_relobj_close(&obj);
	}
}

static void test_relocations_out_of_place(void **state)
{
	static const uint64_t offsets[] = { 0x18, 0x1c, 0x2e };

	(void)state;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct lp_relobj obj;
		struct lp_section *frames = numbered_open(&obj, "all", 0);

		frames->relocs[0].offset = offsets[i];
		keep_code(&obj, "abcdez");
		assert_int_equal(lp_frames_filter(&obj), -EBADMSG);
		lp_relobj_close(&obj);
	}
}

/* As `ld -r` leaves it where it dropped the code: the FDE describes nothing. */
static void test_without_start(void **state)
{
	struct lp_relobj obj, some;
	struct lp_section *frames = numbered_open(&obj, "all", 0);
	struct lp_section *want = numbered_open(&some, "all", 0);

	(void)state;
	frames->n_relocs--;
	memmove(frames->relocs, frames->relocs + 1, frames->n_relocs * sizeof(*frames->relocs));
	keep_code(&obj, "abcdez");
	keep_code(&some, "bcdez");
	assert_int_equal(lp_frames_filter(&obj), 0);
	assert_int_equal(lp_frames_filter(&some), 0);
	assert_same(&obj, frames, &some, want);
	lp_relobj_close(&obj);
	lp_relobj_close(&some);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Any bytes: a whole section comes out, one that passes again, or nothing has changed. */
static void test_mutants(void **state)
{
	static const uint32_t words[] = { 0, 1, 4, 8, 0x14, 0x18, 0xff, 0xffffffff };
	struct lp_relobj obj;
	struct lp_section *frames = numbered_open(&obj, "all", 0);
	uint64_t size = frames->size;
	size_t n_relocs = frames->n_relocs, passed = 0;
	struct lp_relocation *relocs = malloc(n_relocs * sizeof(*relocs));
	uint8_t *bytes = malloc(size);
	uint32_t seed = 1;

	(void)state;
	memcpy(bytes, frames->bytes, size);
	memcpy(relocs, frames->relocs, n_relocs * sizeof(*relocs));
	for (int round = 0; round < 20000; round++) {
		char letters[] = { "abcdez"[round % 6], "abcdez"[round / 6 % 6], 0 };
		int err;

		free(frames->bytes);
		free(frames->relocs);
		frames->size = size;
		frames->n_relocs = n_relocs;
		frames->bytes = malloc(size + 1);
		frames->relocs = malloc(n_relocs * sizeof(*relocs));
		memcpy(frames->bytes, bytes, size);
		memcpy(frames->relocs, relocs, n_relocs * sizeof(*relocs));
		for (int i = 0; i <= round % 3; i++)
			memcpy(frames->bytes + next_random(&seed) % (size / 4) * 4,
			       &words[next_random(&seed) % 8], 1 + next_random(&seed) % 4);
		keep_code(&obj, letters);
		err = lp_frames_filter(&obj);
		if (err) {
			assert_int_equal(err, -EBADMSG);
			assert_int_equal(frames->size, size);
			continue;
		}
		passed++;
		assert_true(frames->size <= size && frames->n_relocs <= n_relocs);
		assert_int_equal(lp_frames_filter(&obj), 0);
	}
	assert_in_range(passed, 1000, 19000);
	free(bytes);
	free(relocs);
	lp_relobj_close(&obj);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_some),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_fewer_and_fewer),
		cmocka_unit_test(test_terminator),
		cmocka_unit_test(test_nothing_changes),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_relocations_out_of_place),
		cmocka_unit_test(test_without_start),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
