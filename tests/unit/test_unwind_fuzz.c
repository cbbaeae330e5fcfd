/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Nothing that the tables say may harm the unwinder: random programs and expressions, and the
 * tables of this process with bytes changed as they are read. Best run with the sanitizers.
 */
#define _GNU_SOURCE
#include <stdio.h>

#include "unwind_made_up.h"
#include "unwind_space.h"

#define SEEDS 100000
#define MAX_FRAMES 4096
#define MAX_REGIONS 256
#define STACK_LIMIT 4096 /* bytes; what a walk may use */

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void survives_any_program(void **state)
{
	uint64_t seed = 88172645463325252ull;
	struct cfi cfi = plain;
	uint8_t program[40];

	(void)state;
	cfi.program = (struct bytes){ program, sizeof(program) };
	for (int i = 0; i < SEEDS; i++) {
		int result;

		for (size_t j = 0; j < sizeof(program); j++)
			program[j] = (uint8_t)(random_next(&seed) >> 20);
		if (i % 2) /* an expression that is the return address */
			memcpy(program, "\x16\x10\x25", 3);
		make(&cfi);
		result = walk();
		assert_true(result == 0 || result == -ENODATA);
		assert_true(n_frames <= MAX_FRAMES);
	}
}

struct region {
	uint64_t lo, hi;
};

static struct region regions[MAX_REGIONS];
static size_t n_regions;
static uint64_t stack_lo, stack_hi;
static uint64_t mutation; /* seed; 0: none */
static unsigned long n_changed;

static int regions_read(void **state)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512], mode[8];
	unsigned long lo, hi;

	assert_non_null(maps);
	while (n_regions < MAX_REGIONS && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &lo, &hi, mode) != 3 || mode[0] != 'r' ||
		    strstr(line, "[vvar") || strstr(line, "[vsyscall"))
			continue;
		regions[n_regions++] = (struct region){ lo, hi };
		if (lo <= (uint64_t)&lo && (uint64_t)&lo < hi) {
			stack_lo = lo;
			stack_hi = hi;
		}
	}
	fclose(maps);
	return space_setup(state);
}

/* One byte of 32, or of 1024, that is not stack is another one, the same at each read of a walk. */
static void mutate(uint64_t addr, uint8_t *bytes, size_t size)
{
	if (addr >= stack_lo && addr < stack_hi)
		return;
	for (size_t i = 0; i < size; i++) {
		uint64_t hash = (addr + i + mutation * 0x9e3779b97f4a7c15ull) | 1;

		hash *= 0xbf58476d1ce4e5b9ull;
		hash ^= hash >> 29;
		hash *= 0x94d049bb133111ebull;
		if (hash >> (mutation % 2 ? 59 : 54) != 0)
			continue;
		bytes[i] ^= (uint8_t)(hash >> 40);
		n_changed++;
	}
}

static int read_mutated(void *context, uint64_t addr, void *bytes, size_t size)
{
	size_t i = 0;

	while (i < n_regions && (addr < regions[i].lo || addr >= regions[i].hi))
		i++;
	if (i == n_regions || size > regions[i].hi - addr)
		return -EFAULT;
	read_direct(context, addr, bytes, size);
	if (mutation)
		mutate(addr, bytes, size);
	return 0;
}

static void survives_any_table(void **state)
{
	struct lp_registers here;
	unsigned int complete = 0;

	(void)state;
	space.read = read_mutated;
	capture(&here);
	n_frames = 0;
	assert_int_equal(lp_unwind_walk(&space, &here, LP_UNWIND_ALL, frame_add, NULL), 0);
	for (mutation = 1; mutation <= SEEDS; mutation++) {
		int result;

		n_frames = 0;
		result = lp_unwind_walk(&space, &here, LP_UNWIND_ALL, frame_add, NULL);
		assert_true(result == 0 || result == -ENODATA);
		assert_true(n_frames <= MAX_FRAMES);
		complete += result == 0;
	}
	mutation = 0;
	print_message("%d walks, %lu bytes changed, %u complete nevertheless\n", SEEDS, n_changed,
		      complete);
	assert_true(n_changed > SEEDS);
}

#ifndef __SANITIZE_ADDRESS__
static NOINLINE void paint(uint8_t *lowest)
{
	__asm__ volatile("rep stosb" : "+D"(lowest) : "a"(0x5a), "c"(4 * STACK_LIMIT) : "memory");
}

static void uses_less_than_4_KiB_of_stack(void **state)
{
	struct lp_registers here;
	uint64_t rsp, used;
	uint8_t *lowest;

	(void)state;
	space.read = read_direct;
	capture(&here);
	__asm__ volatile("mov %%rsp, %0" : "=r"(rsp));
	lowest = (uint8_t *)rsp - 4 * STACK_LIMIT - 512;
	paint(lowest);
	lp_unwind_walk(&space, &here, LP_UNWIND_ALL, frame_add, NULL);
	while (*lowest == 0x5a)
		lowest++;
	used = rsp - (uint64_t)lowest;
	print_message("%lu bytes of stack\n", used);
	assert_true(used > 256 && used < STACK_LIMIT);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(uses_less_than_4_KiB_of_stack),
#endif
		cmocka_unit_test(survives_any_program),
		cmocka_unit_test(survives_any_table),
	};

	return cmocka_run_group_tests(tests, regions_read, NULL);
}
