// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/agent/near.h"
#include "../../src/agent/object.h"
#include "../../src/agent/alloc.h"

#define REACH (2ul << 30)

static bool reaches(const struct lp_near *near, uint64_t lo, uint64_t hi)
{
	uint64_t first = near->addr < lo ? near->addr : lo;
	uint64_t last = near->addr + near->size > hi ? near->addr + near->size : hi;

	return last - first <= REACH;
}

static void code_runs_and_can_be_rewritten(void **state)
{
	static const uint8_t seven[] = { 0xb8, 7, 0, 0, 0, 0xc3 }; /* mov $7, %eax; ret */
	struct lp_near near;

	(void)state;
	assert_int_equal(lp_near_map_code(&near, 0, 0, 100), 0);
	assert_int_equal(near.size, 4096);
	assert_int_equal(lp_near_write(&near, 64, seven, sizeof(seven)), 0);
	assert_int_equal(((int (*)(void))(near.addr + 64))(), 7);
	assert_int_equal(lp_near_write(&near, 65, "\x8", 1), 0);
	assert_int_equal(((int (*)(void))(near.addr + 64))(), 8);
	assert_int_equal(lp_near_write(&near, 4095, seven, 2), -EINVAL);
	lp_near_seal(&near);
	assert_int_equal(lp_near_write(&near, 0, seven, 1), -EINVAL);
	lp_near_unmap(&near);
	assert_int_equal(near.addr, 0);
	lp_near_unmap(&near);
}

static void near_every_object(void **state)
{
	size_t count;
	struct lp_object *objects = lp_objects_list(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct lp_near code, data;

		assert_int_equal(lp_near_map_code(&code, objects[i].lo, objects[i].hi, 1), 0);
		assert_int_equal(lp_near_map_data(&data, objects[i].lo, objects[i].hi, 3 << 20), 0);
		assert_true(reaches(&code, objects[i].lo, objects[i].hi));
		assert_true(reaches(&data, objects[i].lo, objects[i].hi));
		memset((void *)data.addr, 1, data.size);
		lp_near_unmap(&code);
		lp_near_unmap(&data);
	}
	lp_free(objects);
}

static void the_heap_keeps_its_room(void **state)
{
	uint64_t heap = (uint64_t)sbrk(0);
	struct lp_near near;

	(void)state;
	assert_int_equal(lp_near_map_data(&near, heap - 4096, heap, 1 << 20), 0);
	assert_true(near.addr + near.size <= heap || near.addr >= heap + (64ul << 20));
	lp_near_unmap(&near);
}

static void full_neighbourhood(void **state)
{
	uint64_t middle = 0x200000000000;
	char *low = mmap((void *)(middle - REACH), 2 * REACH, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	struct lp_near near;

	(void)state;
	assert_ptr_equal(low, middle - REACH);
	assert_int_equal(lp_near_map_data(&near, middle, middle + 4096, 4096), -ENOMEM);
	assert_int_equal(lp_near_map_data(&near, middle, middle + REACH, 4096), -ENOMEM);
	/* one page, and exactly that one is found */
	assert_int_equal(munmap(low + (1 << 20), 4096), 0);
	assert_int_equal(lp_near_map_data(&near, middle, middle + 4096, 4096), 0);
	assert_ptr_equal(near.addr, low + (1 << 20));
	munmap(low, 2 * REACH);
}

static void parts_of_a_reserved_range(void **state)
{
	struct lp_near range, text;

	(void)state;
	assert_int_equal(lp_near_reserve(&range, 0, 0, 3 * 4096), 0);
	assert_int_equal(lp_near_fix_data(&range, 4096, 4096), 0);
	memset((void *)(range.addr + 4096), 9, 4096);
	assert_int_equal(lp_near_protect_rodata(&range, 4096, 4096), 0);
	assert_int_equal(lp_near_fix_code(&range, 0, 4096, &text), 0);
	assert_int_equal(lp_near_write(&text, 0, "\xc3", 1), 0);
	lp_near_seal(&text);
	((void (*)(void))range.addr)();
	assert_int_equal(lp_near_fix_data(&range, 4096, 3 * 4096), -EINVAL);
	assert_int_equal(lp_near_fix_data(&range, 100, 4096), -EINVAL);
	assert_int_equal(lp_near_fix_data(&range, 0, 0), -EINVAL);
	lp_near_unmap(&range);
}

static void proc_by_descriptor(void **state)
{
	int fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct lp_near near;

	(void)state;
	lp_near_init(fd);
	assert_int_equal(lp_near_map_data(&near, (uint64_t)&reaches & ~4095ul,
					  ((uint64_t)&reaches & ~4095ul) + 4096, 4096),
			 0);
	lp_near_unmap(&near);
	lp_near_init(-1);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_runs_and_can_be_rewritten),
		cmocka_unit_test(near_every_object),
		cmocka_unit_test(the_heap_keeps_its_room),
		cmocka_unit_test(full_neighbourhood),
		cmocka_unit_test(parts_of_a_reserved_range),
		cmocka_unit_test(proc_by_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
