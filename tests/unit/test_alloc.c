// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/agent/alloc.h"
#include "../../src/agent/sys.h"

static void zeroed_and_aligned(void **state)
{
	(void)state;
	for (size_t size = 0; size < 20000; size += 1 + size / 7) {
		uint8_t *bytes = lp_alloc(size);

		assert_non_null(bytes);
		assert_int_equal((uintptr_t)bytes % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xaa, size);
		lp_free(bytes);
	}
	lp_free(NULL);
	lp_alloc_deinit();
}

static void blocks_do_not_overlap(void **state)
{
	enum { COUNT = 500, ROUNDS = 20000 };
	static struct {
		uint8_t *bytes;
		size_t size;
	} blocks[COUNT];

	(void)state;
	srand(1);
	for (int round = 0; round < ROUNDS; round++) {
		int i = rand() % COUNT;

		for (size_t k = 0; k < blocks[i].size; k += 13)
			assert_int_equal(blocks[i].bytes[k], (uint8_t)i);
		lp_free(blocks[i].bytes);
		blocks[i].size = (size_t)(rand() % (rand() % 20 ? 400 : 40000));
		blocks[i].bytes = lp_alloc(blocks[i].size);
		assert_non_null(blocks[i].bytes);
		memset(blocks[i].bytes, i, blocks[i].size);
	}
	lp_alloc_deinit();
	memset(blocks, 0, sizeof(blocks));
}

static void no_memory(void **state)
{
	(void)state;
	assert_null(lp_alloc(SIZE_MAX));
	assert_null(lp_alloc(SIZE_MAX / 2));
	assert_null(lp_alloc((size_t)1 << 60));
#ifdef LP_FAULTS
	lp_alloc_deinit();
	lp_sys_fail_at = 1;
	assert_null(lp_alloc(10));
	lp_sys_fail_at = 1;
	assert_null(lp_strdup("text"));
	lp_sys_fail_at = 1;
	assert_null(lp_alloc(100000));
#endif
	lp_alloc_deinit();
}

static void strings(void **state)
{
	char *text = lp_strdup("some text");

	(void)state;
	assert_string_equal(text, "some text");
	lp_free(text);
	lp_alloc_deinit();
	lp_alloc_deinit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroed_and_aligned),
		cmocka_unit_test(blocks_do_not_overlap),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
