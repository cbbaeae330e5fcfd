/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The unwinder against libgcc's at every single instruction of a stretch of libc, of the dynamic
 * linker and of PLT entries: whatever the prologue, it must give the same frames. And when it is
 * told nothing but rsp and pc: the same frames, or that it is in doubt.
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include "unwind_space.h"

static const int register_order[LP_REG_COUNT] = {
	REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
	REG_R9,	 REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
};

static struct {
	long count, doubts, wrong, snapshot_right, snapshot_wrong;
	uint64_t first_bad;
} steps;

static bool is_same(const struct trace *got, void *const *expected, int count)
{
	if (got->count != count)
		return false;
	for (int i = 0; i < count; i++) {
		if (got->pc[i] != (uint64_t)expected[i])
			return false;
	}
	return true;
}

static void step_check(const struct lp_registers *registers, void *const *expected, int count)
{
	static struct trace got;
	struct lp_registers part = *registers;
	int result;

	steps.count++;
	got.count = 0;
	result = lp_unwind_walk(&space, registers, LP_UNWIND_ALL, trace_add, &got);
	if (result != 0)
		steps.doubts++;
	else if (!is_same(&got, expected, count))
		steps.wrong++;
	if (steps.doubts + steps.wrong == 1 && steps.first_bad == 0)
		steps.first_bad = registers->value[LP_REG_RA];
	part.known = SNAPSHOT;
	got.count = 0;
	result = lp_unwind_walk(&space, &part, LP_UNWIND_ALL, trace_add, &got);
	if (result == 0 && is_same(&got, expected, count))
		steps.snapshot_right++;
	else if (result == 0)
		steps.snapshot_wrong++;
}

static void step_handler(int signal, siginfo_t *info, void *context)
{
	static void *expected[MAX_TRACE];
	ucontext_t *interrupted = context;
	struct lp_registers registers = { .known = ALL_KNOWN };
	int count = backtrace(expected, MAX_TRACE);
	int first = 1;

	(void)signal;
	(void)info;
	for (int i = 0; i < LP_REG_COUNT; i++)
		registers.value[i] = (uint64_t)interrupted->uc_mcontext.gregs[register_order[i]];
	while (first < count && (uint64_t)expected[first] != registers.value[LP_REG_RA])
		first++;
	step_check(&registers, expected + first, count - first);
}

static __attribute__((always_inline)) inline void stepping(bool on)
{
	if (on)
		__asm__ volatile("lea -128(%%rsp), %%rsp\n pushf\n orl $0x100, (%%rsp)\n popf\n"
				 "lea 128(%%rsp), %%rsp"
				 :
				 :
				 : "memory", "cc");
	else
		__asm__ volatile("lea -128(%%rsp), %%rsp\n pushf\n andl $~0x100, (%%rsp)\n popf\n"
				 "lea 128(%%rsp), %%rsp"
				 :
				 :
				 : "memory", "cc");
}

static int plain_callback(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static RBP_FRAME void walk_through_libc(void)
{
	int numbers[] = { 5, 3, 9, 1, 7, 2 };
	volatile size_t size = 80;
	/* makes it use rbp: the tables do not know of the pushes in stepping() */
	char *volatile text = alloca(size);
	void *volatile memory;
	volatile double sum;

	stepping(true);
	/* first calls through the PLT: the dynamic linker's resolver is part of it */
	qsort(numbers, sizeof(numbers) / sizeof(numbers[0]), sizeof(numbers[0]), plain_callback);
	snprintf(text, size, "%d %s %5.2f", 17, "text", 2.5);
	sum = strtod("1.25e3", NULL);
	memory = malloc(100);
	free(memory);
	trap_deep(0);
	stepping(false);
	(void)sum;
}

static void skip_trap(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

static void is_exact_at_every_instruction(void **state)
{
	(void)state;
	handle(SIGILL, skip_trap, 0);
	handle(SIGTRAP, step_handler, 0);
	space.read = read_direct;
	walk_through_libc();
	space.read = read_kernel;
	signal(SIGTRAP, SIG_DFL);
	signal(SIGILL, SIG_DFL);
	print_message("%ld instructions: %ld in doubt, %ld wrong (first %#lx); "
		      "by rsp and pc alone %ld exact\n",
		      steps.count, steps.doubts, steps.wrong, steps.first_bad,
		      steps.snapshot_right);
	assert_true(steps.count > 2000);
	assert_int_equal(steps.wrong, 0);
	assert_int_equal(steps.snapshot_wrong, 0);
	assert_int_equal(steps.doubts, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_exact_at_every_instruction),
	};

	return cmocka_run_group_tests(tests, space_setup, NULL);
}
