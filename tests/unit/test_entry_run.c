/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plans put to work by hand: each function of a loaded library is redirected, called through its
 * moved code, and restored.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "../../src/build/entry.h"
#include "../../src/x86_64/insn.h"
#include "victim_file.h"

/* Plain C at -O2: what prologues of compilers look like. */
static const char c_source[] =
	"static int table[8] = { 3, 1, 4, 1, 5, 9, 2, 6 };\n"
	"__attribute__((noipa)) int leaf(int x) { return x * 3 + 1; }\n"
	"__attribute__((noipa)) int constant(int x) { (void)x; return 77; }\n"
	"__attribute__((noipa)) int global(int x) { return table[x & 7]; }\n"
	"__attribute__((noipa)) int early(int x) { if (x == 0) return -1; return 10 / x; }\n"
	"__attribute__((noipa)) int deep(int x) { int a = leaf(x), b = global(x), c = leaf(b);\n"
	"	for (int i = 0; i < x; i++) a += leaf(i) ^ global(a) ^ b; return a + b + c; }\n"
	"__attribute__((noipa)) int fib(int x) { return x < 2 ? x : fib(x - 1) + fib(x - 2); }\n"
	"__attribute__((noipa)) int pick(int x) { switch (x) { case 0: return leaf(5);\n"
	"	case 1: return global(2); case 2: return 9; case 3: return leaf(x);\n"
	"	case 4: return deep(2); case 5: return -7; default: return x; } }\n";

/* And what they need not look like. */
static const char s_source[] =
	"	.text\n	.p2align 4\n"
	"	.globl frame, saved, nops, branchy, alone\n"
	"	.type frame, @function\n"
	"frame:	push %rbp\n	mov %rsp, %rbp\n	lea 1(%rdi), %eax\n	pop %rbp\n	ret\n"
	"	.size frame, . - frame\n	.p2align 4\n"
	"	.type saved, @function\n"
	"saved:	endbr64\n	push %rbx\n	push %rbp\n	mov %edi, %ebx\n	lea 2(%rbx), %eax\n"
	"	pop %rbp\n	pop %rbx\n	ret\n"
	"	.size saved, . - saved\n	.p2align 4\n"
	"	.type nops, @function\n"
	"nops:	nop\n	nop\n	nop\n	nop\n	nop\n	mov %edi, %eax\n	imul %eax, %eax\n	ret\n"
	"	.size nops, . - nops\n	.p2align 4\n"
	"	.type island, @function\nisland:	.fill 256, 1, 0xf4\n	.size island, . - island\n"
	/* several instructions, a short branch among them, far from all padding */
	"	.type branchy, @function\n"
	"branchy:	test %edi, %edi\n	je 1f\n	mov %edi, %eax\n	neg %eax\n	ret\n"
	"1:	mov number(%rip), %eax\n	ret\nnumber:	.long 1234\n"
	"	.size branchy, . - branchy\n"
	"	.type island2, @function\nisland2:	.fill 256, 1, 0xf4\n"
	"	.size island2, . - island2\n	.p2align 4\n"
	"	.type alone, @function\nalone:	ret\n	.size alone, . - alone\n	.p2align 4\n"
	"	.type last, @function\nlast:	ret\n	.size last, . - last\n"
	"	.section .note.GNU-stack, \"\", @progbits\n";

#define NEAR_SIZE 4096

struct fixture {
	struct victim_dir dir;
	struct lp_elf *elf;
	struct lp_code *code;
	void *library;
	uint64_t base;
	uint8_t *near; /* writable and executable, within 2 GiB of the library */
};

static struct fixture fixture;

static int replacement(int x)
{
	return 100000 + x;
}

/* Tries every 16 MiB below the library. */
static uint8_t *map_near(uint64_t base)
{
	for (uint64_t distance = 1 << 24; distance < 1u << 30; distance += 1 << 24) {
		void *hint = (void *)((base - distance) & ~(uint64_t)4095);
		void *map = mmap(hint, NEAR_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (map == hint)
			return map;
	}
	return NULL;
}

static int setup(void **state)
{
	char path[256];
	const struct lp_elf_symbol *symbol;

	*state = &fixture;
	victim_dir_init(&fixture.dir);
	victim_write(&fixture.dir, "c.c", c_source);
	victim_write(&fixture.dir, "s.s", s_source);
	assert_int_equal(victim_run(&fixture.dir, "cc -O2 -fPIC -shared -Wl,-Bsymbolic "
						  "-Wl,--build-id c.c s.s -o run.so"),
			 0);
	victim_path(&fixture.dir, "run.so", path, sizeof(path));
	assert_int_equal(lp_elf_open(&fixture.elf, path, NULL), 0);
	assert_int_equal(lp_code_create(&fixture.code, fixture.elf), 0);
	fixture.library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	assert_non_null(fixture.library);
	assert_int_equal(lp_elf_find(fixture.elf, "leaf", 0, &symbol), 0);
	fixture.base = (uint64_t)dlsym(fixture.library, "leaf") - symbol->addr;
	fixture.near = map_near(fixture.base);
	assert_non_null(fixture.near);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	munmap(fixture.near, NEAR_SIZE);
	dlclose(fixture.library);
	lp_code_destroy(fixture.code);
	lp_elf_close(fixture.elf);
	victim_dir_deinit(&fixture.dir);
	return 0;
}

static void write_text(uint64_t addr, const uint8_t *bytes, size_t size)
{
	void *page = (void *)(addr & ~(uint64_t)4095);

	assert_int_equal(mprotect(page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC), 0);
	memcpy((void *)addr, bytes, size);
	assert_int_equal(mprotect(page, 8192, PROT_READ | PROT_EXEC), 0);
}

/* The moved code, its fields set as suture/lpfile.h says. */
static void put_moved(const struct lp_entry *entry, uint8_t *to)
{
	memcpy(to, entry->moved, entry->moved_size);
	for (int i = 0; i < entry->fixup_count; i++) {
		const struct lp_file_fixup *fixup = &entry->fixups[i];
		int64_t distance = (int64_t)(fixture.base + fixup->target -
					     ((uint64_t)to + fixup->end));
		int32_t field = (int32_t)distance;

		assert_int_equal(field, distance);
		assert_true(fixup->end <= entry->moved_size);
		memcpy(to + fixup->offset, &field, sizeof(field));
	}
}

/* lea undo(%rsp), %rsp; jmp *replacement */
static void put_stub(const struct lp_entry *entry, uint8_t *to)
{
	uint64_t target = (uint64_t)replacement;

	memcpy(to, "\x48\x8d\x64\x24", 4);
	to[4] = entry->undo;
	memcpy(to + 5, "\xff\x25\0\0\0\0", 6);
	memcpy(to + 11, &target, sizeof(target));
}

static void put_jump(const struct lp_entry *entry, uint64_t jump, const uint8_t *stub)
{
	uint8_t bytes[LP_JMP_SIZE];
	uint64_t at = entry->kind == LP_ENTRY_PAD ? fixture.base + entry->pad_addr : jump;

	assert_true(lp_insn_reaches32(at + LP_JMP_SIZE, (uint64_t)stub));
	lp_insn_jmp32(bytes, at, (uint64_t)stub);
	write_text(at, bytes, LP_JMP_SIZE);
	if (entry->kind != LP_ENTRY_PAD)
		return;
	assert_true(lp_insn_reaches8(jump + LP_JMP8_SIZE, at));
	lp_insn_jmp8(bytes, jump, at);
	write_text(jump, bytes, LP_JMP8_SIZE);
}

static void take_out(const struct lp_entry *entry, uint64_t jump)
{
	write_text(jump, entry->window_bytes, entry->window);
	if (entry->kind == LP_ENTRY_PAD)
		write_text(fixture.base + entry->pad_addr, entry->pad_bytes, LP_JMP_SIZE);
}

static void run(const char *name, enum lp_entry_kind kind, int max)
{
	struct lp_entry_function function = { .name = name };
	struct lp_claims claims = { 0 };
	struct lp_build_refusal refusal = { 0 };
	const struct lp_elf_symbol *symbol;
	uint8_t *moved = fixture.near, *stub = fixture.near + 1024;
	int (*original)(int), (*copy)(int) = (int (*)(int))moved;
	struct lp_entry entry;
	int expected[16];

	assert_int_equal(lp_elf_find(fixture.elf, name, 0, &symbol), 0);
	function.addr = symbol->addr;
	function.size = symbol->size;
	if (lp_entry_plan(&entry, fixture.code, &function, &claims, &refusal))
		fail_msg("%s: %s", refusal.reason, refusal.text);
	if (kind)
		assert_int_equal(entry.kind, kind);
	original = (int (*)(int))(fixture.base + symbol->addr);
	for (int x = 0; x < max; x++)
		expected[x] = original(x);
	put_moved(&entry, moved);
	put_stub(&entry, stub);
	put_jump(&entry, (uint64_t)original + entry.jump_offset, stub);
	for (int x = 0; x < max; x++)
		assert_int_equal(original(x), 100000 + x);
	/* a recursive call goes to the replacement: leave those out */
	for (int x = 0; x < max && strcmp(name, "fib"); x++)
		assert_int_equal(copy(x), expected[x]);
	take_out(&entry, (uint64_t)original + entry.jump_offset);
	for (int x = 0; x < max; x++)
		assert_int_equal(original(x), expected[x]);
	assert_memory_equal((void *)original, lp_elf_bytes(fixture.elf, symbol->addr, symbol->size),
			    symbol->size);
	lp_claims_free(&claims);
}

static void test_compiled_functions(void **state)
{
	static const char *const names[] = { "leaf", "constant", "global", "early",
					     "deep", "fib",	 "pick" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		run(names[i], 0, 12);
}

static void test_pushes_are_undone(void **state)
{
	(void)state;
	run("frame", 0, 8);
	run("saved", 0, 8);
}

static void test_nops_of_one_byte(void **state)
{
	(void)state;
	run("nops", 0, 8);
}

static void test_several_instructions_with_a_branch(void **state)
{
	(void)state;
	run("branchy", LP_ENTRY_MULTI, 8);
}

/* Its result is whatever eax holds: only where it goes is seen. */
static void test_a_lone_ret(void **state)
{
	struct lp_entry_function function = { .name = "alone" };
	struct lp_claims claims = { 0 };
	struct lp_build_refusal refusal;
	const struct lp_elf_symbol *symbol;
	struct lp_entry entry;

	(void)state;
	assert_int_equal(lp_elf_find(fixture.elf, "alone", 0, &symbol), 0);
	function.addr = symbol->addr;
	function.size = symbol->size;
	assert_int_equal(lp_entry_plan(&entry, fixture.code, &function, &claims, &refusal), 0);
	assert_int_equal(entry.kind, LP_ENTRY_SINGLE);
	put_moved(&entry, fixture.near);
	put_stub(&entry, fixture.near + 1024);
	put_jump(&entry, fixture.base + symbol->addr, fixture.near + 1024);
	assert_int_equal(((int (*)(int))(fixture.base + symbol->addr))(5), 100005);
	((void (*)(int))fixture.near)(5);
	take_out(&entry, fixture.base + symbol->addr);
	lp_claims_free(&claims);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compiled_functions),
		cmocka_unit_test(test_pushes_are_undone),
		cmocka_unit_test(test_nops_of_one_byte),
		cmocka_unit_test(test_several_instructions_with_a_branch),
		cmocka_unit_test(test_a_lone_ret),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
