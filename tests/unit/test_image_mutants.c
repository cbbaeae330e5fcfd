// SPDX-License-Identifier: LGPL-2.1-or-later
/* 10,000 broken patches: none may crash the process that opens and loads it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "self_patch.h"

static struct loaded patch;

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 16) % limit;
}

static void mutate(struct built *built)
{
	uint32_t count = 1 + random_below(4);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = random_below((uint32_t)built->size);

		switch (random_below(4)) {
		case 0:
			built->bytes[at] ^= (uint8_t)(1u << random_below(8));
			break;
		case 1:
			built->bytes[at] = (uint8_t)random_below(256);
			break;
		case 2: /* the description */
			at = (uint32_t)built->info + random_below(BUILT_STRINGS);
			built->bytes[at] = (uint8_t)random_below(256);
			break;
		default: /* the section table */
			at = (uint32_t)builder_header(built)->e_shoff + random_below(1024);
			if (at < built->size)
				built->bytes[at] = (uint8_t)random_below(256);
		}
	}
}

static void mutants_never_crash(void **state)
{
	static struct built original;
	unsigned int accepted = 0, loaded = 0;

	(void)state;
	make(&patch, source, "", "call_private", true);
	original = patch.built;
	for (uint64_t seed = 1; seed <= 10000; seed++) {
		const char *why = NULL;

		random_state = seed * 0x9e3779b97f4a7c15ull;
		memcpy(patch.built.bytes, original.bytes, original.size);
		mutate(&patch.built);
		patch.report.total = 0;
		if (open_file(&patch, &why) < 0) {
			assert_non_null(why);
			continue;
		}
		accepted++;
		if (!lp_image_load(&patch.image, &patch.file, patch.target, NULL, &patch.report)) {
			loaded++;
			lp_image_unload(&patch.image);
		}
		lp_patch_file_close(&patch.file);
	}
	lp_free(patch.objects);
	assert_true(accepted > 100 && loaded > 100 && accepted < 9900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutants_never_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
