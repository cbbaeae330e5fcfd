/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Entry plans of assembled functions, one for each rule of docs/design/entry.md.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/build/entry.h"
#include "victim_file.h"

/* Each function is 16-aligned; fillers of a function are int3 unless it says otherwise. */
#define FUNCTION(name, body)                                                                       \
	"	.p2align 4, 0xcc\n	.globl " name "\n	.type " name ", @function\n" name  \
	":\n" body "	.size " name ", . - " name "\n"

/* clang-format off */
static const char source[] =
	"	.text\n"
	FUNCTION("guard", "	ret\n")
	FUNCTION("single", "	movl $7, %eax\n	ret\n")
	FUNCTION("single_endbr", "	endbr64\n	movl $7, %eax\n	ret\n")
	FUNCTION("single_nop", "	nopl 8(%rax,%rax)\n	ret\n")
	FUNCTION("single_lea", "	leaq single(%rip), %rax\n	ret\n")
	FUNCTION("ret_only", "	ret\n")
	FUNCTION("jump_only", "	jmp *%rdi\n")
	FUNCTION("push_frame", "	push %rbp\n	mov %rsp, %rbp\n	pop %rbp\n	ret\n")
	FUNCTION("pushes", "	endbr64\n	push %rbx\n	push %rbp\n	nop\n	nop\n	mov %rdi, %rbx\n"
		 "	pop %rbp\n	pop %rbx\n	ret\n")
	FUNCTION("patchable", "	nop\n	nop\n	nop\n	nop\n	nop\n	movl $1, %eax\n	ret\n")
	FUNCTION("neighbour", "	.fill 20, 1, 0xf4\n	ret\n")
	FUNCTION("early_branch", "	test %edi, %edi\n	je 1f\n	mov %edi, %eax\n	ret\n"
		 "1:	mov $5, %eax\n	ret\n")
	FUNCTION("loop_top", "	dec %edi\n	jne loop_top\n	ret\n	.p2align 4, 0xcc\n")
	FUNCTION("loop_inside", "	xor %eax, %eax\n1:	inc %eax\n	cmp %edi, %eax\n	jne 1b\n"
		 "	ret\n")
	FUNCTION("recursive", "	sub $8, %rsp\n	call recursive\n	add $8, %rsp\n	ret\n")
	FUNCTION("jumps_in", "	jmp jumped_into + 2\n")
	FUNCTION("tail_target", "	mov %edi, %eax\n	add %eax, %eax\n	ret\n")
	FUNCTION("tail_caller", "	inc %edi\n	jmp tail_target\n")
	FUNCTION("fixed_syscall", "	mov %eax, %eax\n	syscall\n	ret\n")
	FUNCTION("crossing", "	endbr64\n	push %rbx\n	push %rbp\n	push %rcx\n"
		 "	mov %edi, %eax\n	ret\n")
	FUNCTION("one_byte", "	pop %rax\n	jmp *%rax\n")
	/* no padding anywhere near: the fillers are code of a symbol */
	"	.p2align 8, 0xcc\n	.type island, @function\nisland:\n	.fill 256, 1, 0xf4\n"
	"	.size island, . - island\n"
	"	.globl multi\n	.type multi, @function\n"
	"multi:	mov %edi, %eax\n	add %esi, %eax\n	sub %edx, %eax\n	nop\n	ret\n"
	"	.size multi, . - multi\n"
	"	.globl multi_call\n	.type multi_call, @function\n"
	"multi_call:	xor %eax, %eax\n	call *%rax\n	nop\n	ret\n"
	"	.size multi_call, . - multi_call\n"
	"	.globl jumped_into\n	.type jumped_into, @function\n"
	"jumped_into:	add %eax, %eax\n	add %eax, %eax\n	add %eax, %eax\n	ret\n"
	"	.size jumped_into, . - jumped_into\n"
	"	.globl tiny\n	.type tiny, @function\n"
	"tiny:	xor %eax, %eax\n	ret\n	.size tiny, . - tiny\n"
	"	.type island2, @function\nisland2:\n	.fill 256, 1, 0xf4\n"
	"	.size island2, . - island2\n"
	/* one gap of 6 bytes behind a function, and two that want it */
	"	.type owner, @function\nowner:	.fill 31, 1, 0xf4\n	ret\n	.size owner, . - owner\n"
	"	nopw 0(%rax,%rax)\n"
	"	.globl want1\n	.type want1, @function\n"
	"want1:	mov %edi, %eax\n	ret\n	.size want1, . - want1\n"
	"	.globl want2\n	.type want2, @function\n"
	"want2:	mov %edi, %eax\n	ret\n	.size want2, . - want2\n"
	/* padding that a short function's own jump may need is left to it */
	"	.type island4, @function\nisland4:\n	.fill 256, 1, 0xf4\n"
	"	.size island4, . - island4\n"
	"	.globl small\n	.type small, @function\n"
	"small:	ret\n	.size small, . - small\n	nopl 8(%rax,%rax)\n	nopl (%rax)\n"
	"	.globl after\n	.type after, @function\n"
	"after:	mov %edi, %eax\n	ret\n	.size after, . - after\n"
	"	.type island3, @function\nisland3:\n	.fill 256, 1, 0xf4\n"
	"	.size island3, . - island3\n"
	"	.section .note.GNU-stack, \"\", @progbits\n";
/* clang-format on */

struct fixture {
	struct victim_dir dir;
	struct lp_elf *elf;
	struct lp_code *code;
};

static struct fixture fixture;

static int setup(void **state)
{
	char path[256];

	*state = &fixture;
	victim_dir_init(&fixture.dir);
	victim_write(&fixture.dir, "entry.s", source);
	assert_int_equal(victim_run(&fixture.dir, "cc -shared -nostdlib -Wl,-Bsymbolic "
						  "-Wl,--build-id entry.s -o entry.so"),
			 0);
	victim_path(&fixture.dir, "entry.so", path, sizeof(path));
	assert_int_equal(lp_elf_open(&fixture.elf, path, NULL), 0);
	assert_int_equal(lp_code_create(&fixture.code, fixture.elf), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lp_code_destroy(fixture.code);
	lp_elf_close(fixture.elf);
	victim_dir_deinit(&fixture.dir);
	return 0;
}

static int plan_with(const char *name, struct lp_entry *entry, struct lp_claims *claims,
		     struct lp_build_refusal *refusal)
{
	const struct lp_elf_symbol *symbol;
	struct lp_entry_function function = { .name = name };

	assert_int_equal(lp_elf_find(fixture.elf, name, 0, &symbol), 0);
	function.addr = symbol->addr;
	function.size = symbol->size;
	return lp_entry_plan(entry, fixture.code, &function, claims, refusal);
}

static struct lp_entry planned(const char *name)
{
	struct lp_claims claims = { 0 };
	struct lp_build_refusal refusal = { 0 };
	struct lp_entry entry;
	int err = plan_with(name, &entry, &claims, &refusal);

	if (err)
		fail_msg("%s: %s: %s", name, refusal.reason, refusal.text);
	lp_claims_free(&claims);
	return entry;
}

static void refused(const char *name, const char *reason)
{
	struct lp_claims claims = { 0 };
	struct lp_build_refusal refusal = { 0 };
	struct lp_entry entry;

	assert_int_equal(plan_with(name, &entry, &claims, &refusal), -ECANCELED);
	assert_string_equal(refusal.reason, reason);
	assert_non_null(strstr(refusal.text, name));
	assert_int_equal(claims.count, 0);
	lp_claims_free(&claims);
}

static void test_one_instruction_is_single(void **state)
{
	static const char *const names[] = { "single", "single_nop", "single_lea" };
	static const int sizes[] = { 5, 5, 7 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct lp_entry entry = planned(names[i]);

		assert_int_equal(entry.kind, LP_ENTRY_SINGLE);
		assert_int_equal(entry.jump_offset, 0);
		assert_int_equal(entry.window, sizes[i]);
		assert_int_equal(entry.boundaries, 1);
		assert_int_equal(entry.moved_size, sizes[i] + 5);
	}
}

static void test_rip_relative_operand_gets_a_fixup(void **state)
{
	struct lp_entry entry = planned("single_lea");
	const struct lp_elf_symbol *symbol;

	(void)state;
	assert_int_equal(lp_elf_find(fixture.elf, "single", 0, &symbol), 0);
	assert_int_equal(entry.fixup_count, 2);
	assert_int_equal(entry.fixups[0].offset, 3);
	assert_int_equal(entry.fixups[0].end, 7);
	assert_int_equal(entry.fixups[0].target, symbol->addr);
	assert_int_equal(entry.fixups[1].offset, 8);
	assert_int_equal(entry.fixups[1].end, 12);
}

static void test_endbr_stays(void **state)
{
	struct lp_entry entry = planned("single_endbr");

	(void)state;
	assert_int_equal(entry.kind, LP_ENTRY_SINGLE);
	assert_int_equal(entry.jump_offset, 4);
	assert_int_equal(entry.undo, 0);
	assert_memory_equal(entry.moved, "\xf3\x0f\x1e\xfa\xb8", 5);
}

static void test_padding_behind_what_never_falls_through(void **state)
{
	struct lp_entry entry = planned("ret_only");

	(void)state;
	assert_int_equal(entry.kind, LP_ENTRY_SINGLE);
	assert_int_equal(entry.window, 5);
	assert_int_equal(entry.moved_size, 1);
	assert_int_equal(entry.fixup_count, 0);
	assert_memory_equal(entry.window_bytes, "\xc3\xcc\xcc\xcc\xcc", 5);
	entry = planned("jump_only");
	assert_int_equal(entry.kind, LP_ENTRY_SINGLE);
	assert_int_equal(entry.moved_size, 2);
}

static void test_pushes_and_nops_stay(void **state)
{
	struct lp_entry entry = planned("push_frame");

	(void)state;
	assert_int_equal(entry.kind, LP_ENTRY_PAD);
	assert_int_equal(entry.jump_offset, 1);
	assert_int_equal(entry.undo, 8);
	assert_int_equal(entry.window, 3);
	assert_int_equal(entry.moved_size, 4 + 5);
	entry = planned("pushes");
	assert_int_equal(entry.undo, 16);
	assert_int_equal(entry.jump_offset, 4 + 1 + 1 + 1 + 1);
}

static void test_patchable_entry(void **state)
{
	struct lp_entry entry = planned("patchable");

	(void)state;
	assert_int_equal(entry.kind, LP_ENTRY_SINGLE);
	assert_int_equal(entry.jump_offset, 5);
	assert_int_equal(entry.undo, 0);
}

static void test_padding_is_reached_and_kept(void **state)
{
	struct lp_entry entry = planned("early_branch");
	const struct lp_elf_symbol *symbol;
	int64_t distance;

	(void)state;
	assert_int_equal(entry.kind, LP_ENTRY_PAD);
	assert_int_equal(lp_elf_find(fixture.elf, "early_branch", 0, &symbol), 0);
	distance = (int64_t)(entry.pad_addr - (symbol->addr + 2));
	assert_true(distance >= -128 && distance <= 127);
	/* right in front of the function, within one aligned block */
	assert_int_equal(entry.pad_addr / 8, (entry.pad_addr + 4) / 8);
	assert_true(entry.pad_addr + 5 <= symbol->addr && entry.pad_addr + 8 >= symbol->addr);
	assert_memory_equal(entry.pad_bytes, "\xcc\xcc\xcc\xcc\xcc", 5);
}

static void test_loops_into_the_entry_are_refused(void **state)
{
	(void)state;
	refused("loop_top", "unmovable-instruction");
	refused("jumped_into", "unmovable-instruction");
}

static void test_a_loop_behind_the_short_jump_is_fine(void **state)
{
	struct lp_entry entry = planned("loop_inside");

	(void)state;
	assert_int_equal(entry.kind, LP_ENTRY_PAD);
	assert_int_equal(entry.window, 2);
}

static void test_calls_and_tail_calls_of_the_start_are_fine(void **state)
{
	(void)state;
	assert_int_equal(planned("recursive").kind, LP_ENTRY_PAD);
	assert_int_equal(planned("tail_target").kind, LP_ENTRY_PAD);
}

static void test_system_calls_do_not_move(void **state)
{
	struct lp_entry entry = planned("fixed_syscall");

	(void)state;
	/* the short jump covers the first instruction only */
	assert_int_equal(entry.kind, LP_ENTRY_PAD);
	assert_int_equal(entry.window, 2);
}

static void test_two_blocks_are_refused(void **state)
{
	(void)state;
	refused("crossing", "function-too-short");
}

static void test_one_byte_is_refused(void **state)
{
	(void)state;
	refused("one_byte", "function-too-short");
}

static void test_without_padding_several_instructions(void **state)
{
	struct lp_entry entry = planned("multi");

	(void)state;
	assert_int_equal(entry.kind, LP_ENTRY_MULTI);
	assert_int_equal(entry.window, 6);
	assert_int_equal(entry.boundaries, 1 | 1 << 2 | 1 << 4);
	assert_int_equal(entry.moved_size, 6 + 5);
	refused("multi_call", "unmovable-instruction");
	refused("tiny", "function-too-short");
}

static void test_no_two_functions_share_padding(void **state)
{
	struct lp_claims claims = { 0 };
	struct lp_build_refusal refusal = { 0 };
	struct lp_entry first, second;

	(void)state;
	assert_int_equal(plan_with("want1", &first, &claims, &refusal), 0);
	assert_int_equal(first.kind, LP_ENTRY_PAD);
	assert_int_equal(plan_with("want2", &second, &claims, &refusal), -ECANCELED);
	assert_string_equal(refusal.reason, "function-too-short");
	lp_claims_free(&claims);
	claims = (struct lp_claims){ 0 };
	assert_int_equal(plan_with("want2", &second, &claims, &refusal), 0);
	assert_int_equal(second.kind, LP_ENTRY_PAD);
	lp_claims_free(&claims);
}

static void test_padding_of_a_short_function_is_left_to_it(void **state)
{
	(void)state;
	assert_int_equal(planned("small").window, 5);
	/* there are 8 bytes in front of it, but 4 of them are not for others */
	refused("after", "function-too-short");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_instruction_is_single),
		cmocka_unit_test(test_rip_relative_operand_gets_a_fixup),
		cmocka_unit_test(test_endbr_stays),
		cmocka_unit_test(test_padding_behind_what_never_falls_through),
		cmocka_unit_test(test_pushes_and_nops_stay),
		cmocka_unit_test(test_patchable_entry),
		cmocka_unit_test(test_padding_is_reached_and_kept),
		cmocka_unit_test(test_loops_into_the_entry_are_refused),
		cmocka_unit_test(test_a_loop_behind_the_short_jump_is_fine),
		cmocka_unit_test(test_calls_and_tail_calls_of_the_start_are_fine),
		cmocka_unit_test(test_system_calls_do_not_move),
		cmocka_unit_test(test_two_blocks_are_refused),
		cmocka_unit_test(test_one_byte_is_refused),
		cmocka_unit_test(test_without_padding_several_instructions),
		cmocka_unit_test(test_no_two_functions_share_padding),
		cmocka_unit_test(test_padding_of_a_short_function_is_left_to_it),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
