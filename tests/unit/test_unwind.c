/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The unwinder against libgcc's, which backtrace() uses: in this very process, at calls, in signal
 * handlers, and of a sleeping thread of which nothing but rsp and pc is known.
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>

#include "unwind_space.h"

#define DEADLINE_MS 20000

static void assert_same_callers(const struct trace *got, int from, void *const *expected, int count,
				int expected_from)
{
	assert_int_equal(got->count - from, count - expected_from);
	for (int i = from; i < got->count; i++)
		assert_ptr_equal((void *)got->pc[i], expected[expected_from + i - from]);
}

/* The callers of this function, seen by both. */
static NOINLINE int compare(void)
{
	struct lp_registers registers;
	struct trace got = { 0 };
	void *expected[MAX_TRACE];
	int count, own = 0;

	capture(&registers);
	registers.known = PRESERVED;
	count = backtrace(expected, MAX_TRACE);
	assert_int_equal(lp_unwind_walk(&space, &registers, LP_UNWIND_ALL, trace_add, &got), 0);
	/* a sanitizer puts a frame of its own in front */
	while (own < count && (uint64_t)expected[own] - registers.value[LP_REG_RA] > 256)
		own++;
	assert_same_callers(&got, 1, expected, count, own + 1);
	return got.count;
}

static RBP_FRAME int descend_rbp(int depth);

static RSP_FRAME int descend_rsp(int depth)
{
	int result = depth == 0 ? compare() : descend_rbp(depth - 1);

	__asm__ volatile("" : "+r"(result)); /* no tail call */
	return result;
}

static NOINLINE int descend_alloca(int depth)
{
	volatile char *room = alloca(16 + (size_t)depth * 24);
	int result;

	room[depth] = 1;
	result = depth == 0 ? compare() : descend_rsp(depth - 1);
	room[0] = 2;
	return result;
}

struct overaligned {
	__attribute__((aligned(64))) char bytes[64];
};

/* GCC realigns the stack: the CFA is an expression */
static NOINLINE OPTIMIZE("O2") int descend_aligned(int depth)
{
	struct overaligned room;
	int result;

	memset(&room, depth, sizeof(room));
	__asm__ volatile("" : : "r"(&room) : "memory");
	result = depth == 0 ? compare() : descend_alloca(depth - 1);
	__asm__ volatile("" : : "r"(&room) : "memory");
	return result;
}

static RBP_FRAME int descend_rbp(int depth)
{
	int result = depth == 0 ? compare() : descend_aligned(depth - 1);

	__asm__ volatile("" : "+r"(result));
	return result;
}

static void finds_same_frames_as_libgcc_in_deep_calls(void **state)
{
	(void)state;
	for (int depth = 0; depth < 8; depth++)
		assert_true(descend_rsp(depth) > depth);
	assert_true(descend_rsp(300) > 300);
}

static int compared;

static int callback(const void *a, const void *b)
{
	if (compared++ < 3)
		compare();
	return *(const int *)a - *(const int *)b;
}

static void finds_callers_through_frames_of_libc(void **state)
{
	int numbers[] = { 5, 3, 9, 1, 7, 2 };

	(void)state;
	compared = 0;
	qsort(numbers, sizeof(numbers) / sizeof(numbers[0]), sizeof(numbers[0]), callback);
	assert_true(compared > 3);
}

static volatile int handled;

static void compare_handler(int signal, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;

	(void)info;
	compare();
	handled++;
	if (signal == SIGILL)
		interrupted->uc_mcontext.gregs[REG_RIP] += 2; /* over ud2 */
}

static void finds_interrupted_frames_through_signal_handlers(void **state)
{
	static char room[65536];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) };
	stack_t before;

	(void)state;
	handled = 0;
	handle(SIGUSR1, compare_handler, 0);
	raise(SIGUSR1);
	handle(SIGILL, compare_handler, 0);
	trap_deep(5);
	assert_int_equal(sigaltstack(&stack, &before), 0);
	handle(SIGILL, compare_handler, SA_ONSTACK);
	trap_deep(5);
	sigaltstack(&before, NULL);
	assert_int_equal(handled, 3);
	signal(SIGILL, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
}

static RSP_FRAME void part_below(int known)
{
	uint64_t address = (uint64_t)__builtin_dwarf_cfa() - 8; /* where ours is */
	struct lp_registers registers;
	struct trace got = { 0 };

	capture(&registers);
	registers.known = SNAPSHOT;
	assert_int_equal(lp_unwind_walk(&space, &registers, address, trace_add, &got), 0);
	assert_int_equal(got.count, 2);
	assert_ptr_equal((void *)got.pc[1], *(void **)address);
	got.count = 0;
	assert_int_equal(lp_unwind_walk(&space, &registers, address + 8, trace_add, &got),
			 -ENODATA);
	assert_int_equal(got.count, 2);
	__asm__ volatile("" : "+r"(known));
}

/* Its own CFA cannot be known by rsp and pc alone. */
static RBP_FRAME void has_a_frame_pointer(int known)
{
	volatile char room[64];

	room[0] = (char)known;
	part_below(room[0]);
	room[1] = 1;
}

static void needs_no_frame_above_the_last_address_asked_for(void **state)
{
	(void)state;
	has_a_frame_pointer(1);
}

/* Not when a handler's frame is passed: what it interrupted may lie on another stack. */
static void walk_part_in_handler(int signal)
{
	struct lp_registers registers;
	struct trace all = { 0 }, part = { 0 };
	uint64_t here;

	capture(&registers);
	registers.known = PRESERVED;
	here = registers.value[LP_REG_RSP];
	assert_int_equal(lp_unwind_walk(&space, &registers, LP_UNWIND_ALL, trace_add, &all), 0);
	/* up to the handler's own frame, whose caller is the signal frame */
	while (lp_unwind_walk(&space, &registers, here, trace_add, &part) == 0 && part.count < 3) {
		part.count = 0;
		here += 8;
	}
	assert_int_equal(part.count, all.count);
	handled = signal;
}

static void sees_all_frames_when_a_handler_runs(void **state)
{
	(void)state;
	handled = 0;
	signal(SIGUSR1, walk_part_in_handler);
	raise(SIGUSR1);
	assert_int_equal(handled, SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
}

struct sleeper {
	pid_t tid;
	int pipe[2];
	int count;
	void *expected[MAX_TRACE];
	pthread_barrier_t ready;
};

static RSP_FRAME int sleep_here(struct sleeper *sleeper)
{
	char byte;
	ssize_t size;

	sleeper->count = backtrace(sleeper->expected, MAX_TRACE);
	pthread_barrier_wait(&sleeper->ready);
	size = read(sleeper->pipe[0], &byte, 1);
	__asm__ volatile("" : "+r"(size));
	return (int)size;
}

static RSP_FRAME int sleep_deep(struct sleeper *sleeper, int depth)
{
	int result = depth == 0 ? sleep_here(sleeper) : sleep_deep(sleeper, depth - 1);

	__asm__ volatile("" : "+r"(result));
	return result;
}

static RSP_FRAME void *sleeper_main(void *context)
{
	struct sleeper *sleeper = context;

	sleeper->tid = (pid_t)syscall(SYS_gettid);
	return (void *)(long)sleep_deep(sleeper, 10);
}

/* Its rsp and pc in read(2), as soon as it is there. */
static void sleeper_find(const struct sleeper *sleeper, struct lp_registers *registers)
{
	struct timespec start, now;
	char path[64], text[256];
	long number;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", sleeper->tid);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		int fd = open(path, O_RDONLY);
		ssize_t size = read(fd, text, sizeof(text) - 1);

		close(fd);
		assert_true(size > 0);
		text[size] = '\0';
		if (sscanf(text, "%ld %*x %*x %*x %*x %*x %*x %lx %lx", &number,
			   &registers->value[LP_REG_RSP], &registers->value[LP_REG_RA]) == 3 &&
		    number == SYS_read)
			return;
		sched_yield();
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 < DEADLINE_MS);
	fail_msg("the thread did not go to sleep");
}

static void unwinds_a_sleeping_thread_by_rsp_and_pc(void **state)
{
	struct lp_registers registers = { .known = SNAPSHOT };
	struct sleeper sleeper = { 0 };
	struct trace got = { 0 };
	pthread_t thread;
	int result, skip = 0;

	(void)state;
	assert_int_equal(pipe(sleeper.pipe), 0);
	pthread_barrier_init(&sleeper.ready, NULL, 2);
	assert_int_equal(pthread_create(&thread, NULL, sleeper_main, &sleeper), 0);
	pthread_barrier_wait(&sleeper.ready);
	sleeper_find(&sleeper, &registers);
	result = lp_unwind_walk(&space, &registers, LP_UNWIND_ALL, trace_add, &got);
	assert_int_equal(write(sleeper.pipe[1], "", 1), 1);
	pthread_join(thread, NULL);
	close(sleeper.pipe[0]);
	close(sleeper.pipe[1]);
	while (skip < got.count && got.pc[skip] != (uint64_t)sleeper.expected[1])
		skip++;
#ifdef __SANITIZE_ADDRESS__
	/* its start function has a frame pointer, which nothing below it has saved */
	if (result == -ENODATA)
		return;
#endif
	assert_int_equal(result, 0);
	assert_same_callers(&got, skip, sleeper.expected, sleeper.count, 1);
}

static void *compare_main(void *context)
{
	*(int *)context = descend_rsp(6);
	return NULL;
}

static void ends_at_the_first_frame_of_a_thread(void **state)
{
	pthread_t thread;
	int count = 0;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, compare_main, &count), 0);
	pthread_join(thread, NULL);
	assert_true(count > 8);
}

/* the table of the program says that it is not sorted */
static int read_unsorted(void *context, uint64_t addr, void *bytes, size_t size)
{
	const struct lp_object *program = context;
	uint64_t field = program->eh_frame_hdr + 3;

	if (read_kernel(NULL, addr, bytes, size) != 0)
		return -EFAULT;
	if (addr <= field && field - addr < size)
		((uint8_t *)bytes)[field - addr] = 0xff;
	return 0;
}

static void finds_frames_without_a_search_table(void **state)
{
	struct lp_unwind_space before = space;

	(void)state;
	space.read = read_unsorted;
	space.context = &objects[0];
	descend_rsp(6);
	space = before;
}

/* the table of the program has more entries than room */
static int read_overlong(void *context, uint64_t addr, void *bytes, size_t size)
{
	const struct lp_object *program = context;
	uint64_t field = program->eh_frame_hdr + 8 + 2;

	if (read_kernel(NULL, addr, bytes, size) != 0)
		return -EFAULT;
	if (addr <= field && field - addr < size)
		((uint8_t *)bytes)[field - addr] = 0x40;
	return 0;
}

static void refuses_a_search_table_longer_than_its_segment(void **state)
{
	struct lp_unwind_space before = space;
	struct lp_registers registers;
	struct trace got = { 0 };

	(void)state;
	capture(&registers);
	assert_int_equal(lp_unwind_walk(&space, &registers, LP_UNWIND_ALL, trace_add, &got), 0);
	space.read = read_overlong;
	space.context = &objects[0];
	assert_int_equal(lp_unwind_walk(&space, &registers, LP_UNWIND_ALL, trace_add, &got),
			 -ENODATA);
	space = before;
}

static void finds_frames_of_code_that_is_in_no_object(void **state)
{
	struct lp_unwind_space before = space;
	struct lp_unwind_extra extra = { .text_lo = objects[0].text_lo,
					 .text_hi = objects[0].text_hi };
	int32_t distance;

	(void)state;
	/* .eh_frame of the program, which its search table points to */
	memcpy(&distance, (void *)(objects[0].eh_frame_hdr + 4), sizeof(distance));
	extra.eh_frame_addr = objects[0].eh_frame_hdr + 4 + (uint64_t)(int64_t)distance;
	extra.eh_frame_size = objects[0].hi - extra.eh_frame_addr;
	space.objects++;
	space.n_objects--;
	space.extra = &extra;
	space.n_extra = 1;
	descend_rsp(6);
	space = before;
}

static bool stop_at_once(void *context, uint64_t pc)
{
	*(uint64_t *)context = pc;
	return true;
}

static void stops_when_told_and_needs_rsp_and_pc(void **state)
{
	struct lp_registers registers;
	uint64_t pc = 0;

	(void)state;
	capture(&registers);
	assert_int_equal(lp_unwind_walk(&space, &registers, LP_UNWIND_ALL, stop_at_once, &pc), 1);
	assert_int_equal(pc, registers.value[LP_REG_RA]);
	registers.known = 1u << LP_REG_RSP;
	assert_int_equal(lp_unwind_walk(&space, &registers, LP_UNWIND_ALL, stop_at_once, &pc),
			 -ENODATA);
	registers.known = 1u << LP_REG_RA;
	assert_int_equal(lp_unwind_walk(&space, &registers, LP_UNWIND_ALL, stop_at_once, &pc),
			 -ENODATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_same_frames_as_libgcc_in_deep_calls),
		cmocka_unit_test(finds_callers_through_frames_of_libc),
		cmocka_unit_test(finds_interrupted_frames_through_signal_handlers),
		cmocka_unit_test(needs_no_frame_above_the_last_address_asked_for),
		cmocka_unit_test(sees_all_frames_when_a_handler_runs),
		cmocka_unit_test(unwinds_a_sleeping_thread_by_rsp_and_pc),
		cmocka_unit_test(ends_at_the_first_frame_of_a_thread),
		cmocka_unit_test(finds_frames_without_a_search_table),
		cmocka_unit_test(refuses_a_search_table_longer_than_its_segment),
		cmocka_unit_test(finds_frames_of_code_that_is_in_no_object),
		cmocka_unit_test(stops_when_told_and_needs_rsp_and_pc),
	};

	return cmocka_run_group_tests(tests, space_setup, NULL);
}
