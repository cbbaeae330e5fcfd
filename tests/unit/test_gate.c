/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gates of functions in a page of this program's own: what happens when a step of theirs fails. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "../../src/agent/gate.h"
#include "../../src/agent/peek.h"
#include "../../src/agent/sys.h"
#include "../../src/agent/text.h"

#define PAGE 4096

static uint8_t *page; /* one after the other, so that no gate finds another's */
static rlim_t limit;

/* several instructions: xor %eax, %eax; add $1, %eax; ret */
static const uint8_t several[] = { 0x31, 0xc0, 0x83, 0xc0, 0x01, 0xc3 };
/* one: mov $1, %eax; ret */
static const uint8_t one[] = { 0xb8, 1, 0, 0, 0, 0xc3 };

static void may_have_descriptors(bool yes)
{
	struct rlimit now;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
	if (now.rlim_cur)
		limit = now.rlim_cur;
	now.rlim_cur = yes ? limit : 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	lp_peek_reset(); /* without any, it cannot know that there is no filter */
}

static int new_page(void **state)
{
	(void)state;
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(page != MAP_FAILED);
	memset(page, 0xc3, PAGE);
	may_have_descriptors(true);
	return lp_text_init();
}

static struct lp_gate *open_gate(const uint8_t *code, size_t size, uint64_t at, uint8_t kind)
{
	struct lp_file_function plan = { .old_addr = at,
					 .old_size = size,
					 .entry_kind = kind,
					 .window = 5,
					 .boundaries = kind == LP_ENTRY_MULTI ? 5 : 1,
					 .moved_size = (uint8_t)size };
	struct lp_gate_source source = { .base = (uint64_t)page,
					 .lo = (uint64_t)page,
					 .hi = (uint64_t)page + PAGE,
					 .plan = &plan,
					 .moved = code };
	struct lp_gate *gate;
	int error;

	assert_int_equal(mprotect(page, PAGE, PROT_READ | PROT_WRITE), 0);
	memcpy(page + at, code, size);
	memcpy(plan.window_bytes, code, size);
	assert_int_equal(mprotect(page, PAGE, PROT_READ | PROT_EXEC), 0);
	gate = lp_gate_open(&source, &error);
	assert_non_null(gate);
	assert_int_equal(lp_gate_prepare(gate), 0);
	return gate;
}

static int call(uint64_t at)
{
	int (*function)(void) = (int (*)(void))(page + at);

	return function();
}

static int two(void)
{
	return 2;
}

static void a_closed_entry_opens_without_a_descriptor(void **state)
{
	/* the jump lies in one block, and in two of them */
	struct lp_gate *gate = open_gate(several, sizeof(several), 0, LP_ENTRY_MULTI);
	struct lp_gate *across = open_gate(several, sizeof(several), 0x25, LP_ENTRY_MULTI);

	(void)state;
	assert_int_equal(lp_gate_redirect(gate), 1);
	assert_int_equal(lp_gate_redirect(across), 1);
	may_have_descriptors(false);
	assert_int_equal(lp_gate_restore(gate), 0);
	assert_int_equal(lp_gate_finish(across), 0);
	may_have_descriptors(true);
	assert_memory_equal(page, several, sizeof(several));
	lp_gate_set_slot(across, (uint64_t)two);
	assert_int_equal(call(0x25), 2);
	assert_int_equal(lp_gate_restore(across), 0);
	assert_int_equal(call(0x25), 1);
}

static void what_cannot_be_read_is_not_foreign(void **state)
{
	struct lp_gate *gate = open_gate(one, sizeof(one), 0, LP_ENTRY_SINGLE);
	struct lp_gate *across = open_gate(one, sizeof(one), 0x25, LP_ENTRY_SINGLE);

	(void)state;
	may_have_descriptors(false);
	assert_int_equal(lp_gate_redirect(gate), -EMFILE);
	may_have_descriptors(true);
	assert_int_equal(lp_gate_redirect(gate), 0);
	assert_int_equal(lp_gate_redirect(across), 1);
	assert_int_equal(lp_gate_finish(across), 0);
	lp_gate_set_slot(gate, (uint64_t)two);
	assert_int_equal(call(0), 2);
	may_have_descriptors(false);
	assert_int_equal(lp_gate_restore(gate), -EMFILE);
	assert_int_equal(call(0), 2);
	assert_int_equal(lp_gate_restore(across), -EMFILE);
	assert_int_equal(call(0x25), 1);
	may_have_descriptors(true);
	assert_int_equal(lp_gate_restore(gate), 0);
	assert_int_equal(lp_gate_restore(across), 0);
	assert_memory_equal(page, one, sizeof(one));
	assert_memory_equal(page + 0x25, one, sizeof(one));
}

/* Between the tail and the head somebody else writes to the head, and takes it back. */
static void a_closed_entry_gets_its_tail_back(void **state)
{
	static const uint8_t closed[] = { 0xeb, 0xfe };
	struct lp_gate *gate = open_gate(several, sizeof(several), 0, LP_ENTRY_MULTI);

	(void)state;
	assert_int_equal(lp_gate_redirect(gate), 1);
	page[0] = 0xcc; /* it is held: writable */
	assert_int_equal(lp_gate_finish(gate), -EUCLEAN);
	memcpy(page, closed, sizeof(closed));
	assert_int_equal(lp_gate_restore(gate), 0);
	assert_memory_equal(page, several, sizeof(several));
	assert_int_equal(gate->text, LP_GATE_ORIGINAL);
}

/* Its object was closed and opened again: the original is there, or nothing. */
static void a_jump_that_is_gone_is_written_again(void **state)
{
	struct lp_gate *gate = open_gate(one, sizeof(one), 0, LP_ENTRY_SINGLE);
	uint8_t bytes[16] = { 0 };

	(void)state;
	assert_int_equal(lp_gate_redirect(gate), 0);
	lp_gate_set_slot(gate, (uint64_t)two);
	assert_int_equal(mprotect(page, PAGE, PROT_READ | PROT_WRITE), 0);
	memcpy(page, one, sizeof(one));
	assert_int_equal(mprotect(page, PAGE, PROT_READ | PROT_EXEC), 0);
	assert_int_equal(lp_gate_prepare(gate), 0);
	assert_int_equal(lp_gate_redirect(gate), 0);
	assert_int_equal(call(0), 2);
	memcpy(bytes, page, sizeof(bytes));
	lp_gate_overlay((uint64_t)page, 0, bytes, sizeof(bytes));
	assert_memory_equal(bytes, one, sizeof(one));
	memset(bytes, 0xcc, sizeof(bytes)); /* somebody else's: not taken for ours */
	lp_gate_overlay((uint64_t)page, 0, bytes, sizeof(bytes));
	assert_int_equal(bytes[0], 0xcc);
	assert_int_equal(munmap(page, PAGE), 0);
	assert_int_equal(lp_gate_prepare(gate), 0);
	assert_int_equal(lp_gate_redirect(gate), 0);
	assert_int_equal(lp_gate_restore(gate), 0);
	assert_int_equal(gate->text, LP_GATE_ORIGINAL);
}

/* Each system call fails once: all bytes are written, or none. */
static void dead_bytes_are_written_whole_or_not(void **state)
{
	static const uint8_t from[21] = { 1, 2, 3 }, to[21] = { 21, 20, 19 };
	uint64_t addr = (uint64_t)page + 5;
	bool failed = true;

	(void)state;
	memcpy(page + 5, from, sizeof(from));
	assert_int_equal(mprotect(page, PAGE, PROT_READ | PROT_EXEC), 0);
	for (long n = 1; failed; n++) {
		int r;

		lp_sys_fail_at = n;
		r = lp_text_replace_dead(addr, from, to, sizeof(from));
		failed = lp_sys_fail_at == 0;
		lp_sys_fail_at = 0;
		assert_memory_equal(page + 5, r < 0 ? from : to, sizeof(from));
		if (r == 0)
			assert_int_equal(lp_text_replace_dead(addr, to, from, sizeof(from)), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_closed_entry_opens_without_a_descriptor, new_page),
		cmocka_unit_test_setup(what_cannot_be_read_is_not_foreign, new_page),
		cmocka_unit_test_setup(a_closed_entry_gets_its_tail_back, new_page),
		cmocka_unit_test_setup(a_jump_that_is_gone_is_written_again, new_page),
		cmocka_unit_test_setup(dead_bytes_are_written_whole_or_not, new_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
