/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Call frame information, operation by operation, in a made-up memory.
 */
#include "unwind_made_up.h"

#define IN_DOUBT UINT64_MAX
#define NO_CALLER (UINT64_MAX - 1)

/* The pc of the caller. */
static uint64_t caller_of(const struct cfi *cfi)
{
	int result;

	make(cfi);
	result = walk();
	if (result == 0 && n_frames == 1)
		return NO_CALLER;
	/* values that are no code at all are no less a result */
	return n_frames >= 2 ? frames[1] : IN_DOUBT;
}

struct program_case {
	const char *what;
	struct bytes program;
	uint64_t caller;
};

static const struct program_case program_cases[] = {
	{ "nothing", BYTES(""), WORD(0) },
	{ "def_cfa_offset", BYTES("\x0e\x18"), WORD(2) },
	{ "advance_loc to the pc", BYTES("\x50\x0e\x18"), WORD(2) },
	{ "advance_loc past the pc", BYTES("\x51\x0e\x18"), WORD(0) },
	{ "advance_loc1", BYTES("\x02\x10\x0e\x18"), WORD(2) },
	{ "advance_loc2", BYTES("\x03\x11\x00\x0e\x18"), WORD(0) },
	{ "advance_loc4", BYTES("\x04\x10\x00\x00\x00\x0e\x18"), WORD(2) },
	{ "def_cfa", BYTES("\x0c\x06\x10"), WORD(33) },
	{ "def_cfa_sf", BYTES("\x12\x06\x7e"), WORD(33) },
	{ "def_cfa_register", BYTES("\x0d\x06"), WORD(32) },
	{ "def_cfa_offset_sf", BYTES("\x13\x7d"), WORD(2) },
	{ "CFA by a register that is not known", BYTES("\x0c\x0c\x10"), IN_DOUBT },
	{ "CFA by xmm0", BYTES("\x0c\x11\x10"), IN_DOUBT },
	{ "CFA below rsp", BYTES("\x13\x01\x90\x03"), IN_DOUBT },
	{ "remember, restore state", BYTES("\x0a\x0e\x18\x0b"), WORD(0) },
	{ "restore state of nothing", BYTES("\x0b"), IN_DOUBT },
	{ "remember 8", BYTES("\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a"), WORD(0) },
	{ "remember 9", BYTES("\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a"), IN_DOUBT },
	{ "offset", BYTES("\x0e\x18\x90\x02"), WORD(1) },
	{ "offset, restore", BYTES("\x0e\x18\x90\x02\xd0"), WORD(2) },
	{ "offset, restore_extended", BYTES("\x0e\x18\x90\x02\x06\x10"), WORD(2) },
	{ "offset_extended", BYTES("\x0e\x18\x05\x10\x02"), WORD(1) },
	{ "offset_extended_sf", BYTES("\x11\x10\x7d"), WORD(4) },
	{ "GNU_negative_offset_extended", BYTES("\x2f\x10\x03"), WORD(4) },
	{ "val_offset", BYTES("\x14\x10\x01"), STACK },
	{ "val_offset_sf", BYTES("\x15\x10\x7f"), STACK + 16 },
	{ "register", BYTES("\x09\x10\x03"), WORD(77) },
	{ "register that is not known", BYTES("\x09\x10\x00"), IN_DOUBT },
	{ "register xmm0", BYTES("\x09\x10\x11"), IN_DOUBT },
	{ "expression", BYTES("\x10\x10\x03\x08\x20\x22"), WORD(5) },
	{ "val_expression", BYTES("\x16\x10\x02\x76\x07"), RBP + 7 },
	{ "def_cfa_expression", BYTES("\x0f\x02\x77\x18"), WORD(2) },
	{ "offset of an expression", BYTES("\x0f\x02\x77\x18\x0e\x20"), IN_DOUBT },
	{ "undefined", BYTES("\x07\x10"), NO_CALLER },
	{ "same value of the return address", BYTES("\x08\x10"), TEXT + 0x10 },
	{ "rule for xmm0", BYTES("\x91\x05"), WORD(0) },
	{ "rule for register 131", BYTES("\x05\x83\x01\x05"), IN_DOUBT },
	{ "GNU_args_size", BYTES("\x2e\x40"), WORD(0) },
	{ "GNU_window_save", BYTES("\x2d"), IN_DOUBT },
	{ "unknown operation", BYTES("\x3f"), IN_DOUBT },
	{ "operand cut off", BYTES("\x00\x00\x00\x0e\x98\x80\x80"), IN_DOUBT },
	{ "offset of 33 bits", BYTES("\x0e\x80\x80\x80\x80\x10"), IN_DOUBT },
	{ "offset of 65 bits", BYTES("\x0e\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02"), IN_DOUBT },
	{ "block longer than the entry", BYTES("\x0f\x7f\x77\x18"), IN_DOUBT },
};

static void follows_each_operation(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(program_cases) / sizeof(program_cases[0]); i++) {
		const struct program_case *one = &program_cases[i];
		struct cfi cfi = plain;
		uint64_t caller;

		cfi.program = one->program;
		caller = caller_of(&cfi);
		if (caller != one->caller)
			fail_msg("%s: %#lx, not %#lx", one->what, caller, one->caller);
	}
}

static const struct program_case expression_cases[] = {
	{ "lit", BYTES("\x4f"), 31 },
	{ "addr", BYTES("\x03\x01\x02\x03\x04\x05\x06\x07\x08"), 0x0807060504030201 },
	{ "const1u const1s plus", BYTES("\x08\xff\x09\xff\x22"), 0xfe },
	{ "const2u const2s plus", BYTES("\x0a\xff\xff\x0b\xff\xff\x22"), 0xfffe },
	{ "const4u const4s plus", BYTES("\x0c\xff\xff\xff\xff\x0d\xfe\xff\xff\xff\x22"),
	  0xfffffffd },
	{ "constu consts minus", BYTES("\x10\x80\x01\x11\x7f\x1c"), 129 },
	{ "dup mul", BYTES("\x37\x12\x1e"), 49 },
	{ "drop", BYTES("\x31\x32\x13"), 1 },
	{ "over", BYTES("\x31\x32\x14"), 1 },
	{ "pick 2", BYTES("\x31\x32\x33\x15\x02"), 1 },
	{ "swap minus", BYTES("\x31\x35\x16\x1c"), 4 },
	{ "rot", BYTES("\x31\x32\x33\x17"), 2 },
	{ "rot, third", BYTES("\x31\x32\x33\x17\x13\x13"), 3 },
	{ "abs neg", BYTES("\x35\x1f\x19"), 5 },
	{ "not", BYTES("\x30\x20\x4f\x1a"), 31 },
	{ "div is signed", BYTES("\x11\x78\x32\x1b\x1f"), 4 },
	{ "mod", BYTES("\x3b\x34\x1d"), 3 },
	{ "or xor", BYTES("\x31\x36\x21\x32\x27"), 5 },
	{ "shl shr", BYTES("\x31\x3a\x24\x32\x25"), 256 },
	{ "shra is signed", BYTES("\x11\x70\x32\x26\x1f"), 4 },
	{ "comparison is signed", BYTES("\x11\x7f\x31\x2d"), 1 },
	{ "ge gt le eq ne", BYTES("\x35\x35\x2a\x31\x2b\x30\x2c\x31\x29\x31\x2e"), 0 },
	{ "plus_uconst", BYTES("\x35\x23\x80\x01"), 133 },
	{ "bra taken", BYTES("\x37\x31\x28\x01\x00\x38"), 7 },
	{ "bra not taken", BYTES("\x37\x30\x28\x01\x00\x38"), 8 },
	{ "skip", BYTES("\x37\x2f\x01\x00\x38"), 7 },
	{ "bregx", BYTES("\x92\x06\x08"), RBP + 8 },
	{ "pc", BYTES("\x80\x00"), TEXT + 0x10 },
	{ "deref", BYTES("\x77\x10\x06"), WORD(2) },
	{ "deref_size", BYTES("\x77\x10\x94\x01"), WORD(2) & 0xff },
	{ "as in a PLT entry", BYTES("\x77\x08\x80\x00\x3f\x1a\x3b\x2a\x33\x24\x22"), STACK + 8 },
	{ "the CFA comes first", BYTES(""), STACK + 8 },
	{ "nop", BYTES("\x96\x31"), 1 },
	{ "register that is not known", BYTES("\x70\x00"), IN_DOUBT },
	{ "xmm0", BYTES("\x81\x00"), IN_DOUBT },
	{ "div by 0", BYTES("\x31\x30\x1b"), IN_DOUBT },
	{ "mod by 0", BYTES("\x31\x30\x1d"), IN_DOUBT },
	{ "INT64_MIN / -1", BYTES("\x31\x08\x3f\x24\x11\x7f\x1b"), IN_DOUBT },
	{ "shift by 64", BYTES("\x31\x08\x40\x24"), IN_DOUBT },
	{ "nothing left", BYTES("\x13"), IN_DOUBT },
	{ "one operand too few", BYTES("\x22"), IN_DOUBT },
	{ "too many values", BYTES("\x12\x2f\xfc\xff"), IN_DOUBT },
	{ "no end", BYTES("\x2f\xfd\xff"), IN_DOUBT },
	{ "jump before the start", BYTES("\x2f\xfc\xff"), IN_DOUBT },
	{ "jump past the end", BYTES("\x2f\x01\x00"), IN_DOUBT },
	{ "deref of nothing", BYTES("\x30\x06"), IN_DOUBT },
	{ "deref_size 9", BYTES("\x77\x00\x94\x09"), IN_DOUBT },
	{ "cut off", BYTES("\x0a\x01"), IN_DOUBT },
	{ "reg0, not an address", BYTES("\x50"), IN_DOUBT },
	{ "unknown operator", BYTES("\xf0"), IN_DOUBT },
};

static void evaluates_each_operator(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(expression_cases) / sizeof(expression_cases[0]); i++) {
		const struct program_case *one = &expression_cases[i];
		uint8_t program[64] = { 0x16, 0x10, (uint8_t)one->program.size };
		struct cfi cfi = plain;
		uint64_t caller;

		memcpy(program + 3, one->program.bytes, one->program.size);
		cfi.program = (struct bytes){ program, 3 + one->program.size };
		caller = caller_of(&cfi);
		if (caller != one->caller)
			fail_msg("%s: %#lx, not %#lx", one->what, caller, one->caller);
	}
}

struct header_case {
	uint8_t version;
	const char *letters;
	struct bytes augmentation;
	uint8_t encoding;
	bool good;
};

static const struct header_case header_cases[] = {
	{ 1, "zR", BYTES("\x1b"), 0x1b, true },
	{ 3, "zR", BYTES("\x1b"), 0x1b, true },
	{ 4, "zR", BYTES("\x1b"), 0x1b, true },
	{ 2, "zR", BYTES("\x1b"), 0x1b, false },
	{ 5, "zR", BYTES("\x1b"), 0x1b, false },
	{ 1, "", BYTES(""), 0x00, true },
	{ 1, "z", BYTES(""), 0x00, true },
	{ 1, "z", BYTES("\x01\x02\x03"), 0x00, true },
	{ 1, "eh", BYTES(""), 0x00, false },
	{ 1, "zQ", BYTES(""), 0x00, false },
	{ 1, "zRRRRRRRR", BYTES("\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b"), 0x1b, false },
	{ 1, "zPLR", BYTES("\x9b\x01\x02\x03\x04\x1b\x1b"), 0x1b, true },
	{ 1, "zPLRB", BYTES("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x1b\x1b"), 0x1b, true },
	{ 1, "zPR", BYTES("\x50\x01\x02\x03\x04\x05\x06\x07\x08\x1b"), 0x1b, false },
	{ 1, "zPR", BYTES("\xff\x1b"), 0x1b, false },
	{ 1, "zR", BYTES(""), 0x1b, false },
	{ 1, "zR", BYTES("\x01"), 0x01, true },
	{ 1, "zR", BYTES("\x02"), 0x02, true },
	{ 1, "zR", BYTES("\x03"), 0x03, true },
	{ 1, "zR", BYTES("\x04"), 0x04, true },
	{ 1, "zR", BYTES("\x09"), 0x09, true },
	{ 1, "zR", BYTES("\x1a"), 0x1a, true },
	{ 1, "zR", BYTES("\x0b"), 0x0b, true },
	{ 1, "zR", BYTES("\x1c"), 0x1c, true },
	{ 1, "zR", BYTES("\x10"), 0x10, true },
	{ 1, "zR", BYTES("\x05"), 0x0b, false },
	{ 1, "zR", BYTES("\x2b"), 0x0b, false },
	{ 1, "zR", BYTES("\x3b"), 0x0b, false },
	{ 1, "zR", BYTES("\x4b"), 0x0b, false },
	{ 1, "zR", BYTES("\x50"), 0x00, false },
	{ 1, "zR", BYTES("\x9b"), 0x1b, false },
	{ 1, "zR", BYTES("\xff"), 0x1b, false },
};

static void reads_each_kind_of_entry(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(header_cases) / sizeof(header_cases[0]); i++) {
		const struct header_case *one = &header_cases[i];
		struct cfi cfi = plain;
		uint64_t caller;

		cfi.version = one->version;
		cfi.letters = one->letters;
		cfi.augmentation = one->augmentation;
		cfi.encoding = one->encoding;
		caller = caller_of(&cfi);
		if (caller != (one->good ? WORD(0) : IN_DOUBT))
			fail_msg("case %zu (%s): %#lx", i, one->letters, caller);
	}
}

static void refuses_what_no_compiler_writes(void **state)
{
	struct cfi cfi = plain;

	(void)state;
	cfi.encoding = 0x03; /* udata4, so that set_loc has it, too */
	cfi.augmentation = (struct bytes)BYTES("\x03");
	cfi.program = (struct bytes)BYTES("\x01\x10\x40\x00\x00\x0e\x18");
	assert_int_equal(caller_of(&cfi), WORD(2));
	cfi.program = (struct bytes)BYTES("\x01\x11\x40\x00\x00\x0e\x18");
	assert_int_equal(caller_of(&cfi), WORD(0));
	/* back to a place before */
	cfi.program = (struct bytes)BYTES("\x48\x01\x07\x40\x00\x00\x0e\x18");
	assert_int_equal(caller_of(&cfi), IN_DOUBT);
	/* places in the rules that all functions have in common */
	cfi = plain;
	cfi.cie_program = (struct bytes)BYTES("\x0c\x07\x08\x90\x01\x41");
	assert_int_equal(caller_of(&cfi), IN_DOUBT);
	/* another register for the return address: length, id, version, "zR", aligns before it */
	make(&plain);
	eh_frame[4 + 4 + 1 + 3 + 2] = 15;
	assert_int_equal(walk(), -ENODATA);
}

static void knows_where_a_function_starts(void **state)
{
	size_t cie;

	(void)state;
	reset();
	cie = cie_emit(&plain);
	fde_emit(&plain, cie, TEXT + 0x11, 0x100);
	assert_int_equal(walk(), -ENODATA);
	assert_int_equal(n_frames, 1);
	registers.value[LP_REG_RA]++;
	walk();
	assert_int_equal(n_frames, 2);
	registers.value[LP_REG_RA] = TEXT + 0x111;
	walk();
	assert_int_equal(n_frames, 1);
}

static void a_caller_is_looked_up_at_its_call(void **state)
{
	struct cfi cfi = plain;

	(void)state;
	make(&cfi);
	stack[0] = CALLER; /* the call is the last instruction of the function under test */
	assert_int_equal(walk(), 0);
	assert_int_equal(n_frames, 3);
	make(&cfi);
	stack[0] = CALLER + 0x1000; /* a call of what does not return, at the very end */
	assert_int_equal(walk(), 0);
	cfi.letters = "zRS";
	make(&cfi);
	stack[0] = CALLER; /* interrupted at its first instruction */
	assert_int_equal(walk(), 0);
	assert_int_equal(n_frames, 2);
	make(&cfi);
	stack[0] = CALLER + 0x1000;
	assert_int_equal(walk(), -ENODATA);
}

/* Two frames of the function under test and then its caller: the second needs the register. */
static int walk_twice(const char *letters, struct bytes program)
{
	struct cfi cfi = plain;

	cfi.letters = letters;
	cfi.program = program;
	make(&cfi);
	stack[0] = TEXT + 0x20;
	registers.value[LP_REG_R8] = WORD(9);
	registers.known |= 1u << LP_REG_R8;
	return walk();
}

static void a_caller_saved_register_is_lost_by_a_call(void **state)
{
	(void)state;
	/* from pc 0x18 on the return address is in r8, in rbx */
	assert_int_equal(walk_twice("zR", (struct bytes)BYTES("\x58\x09\x10\x08")), -ENODATA);
	assert_int_equal(walk_twice("zR", (struct bytes)BYTES("\x58\x09\x10\x03")), 0);
	assert_int_equal(walk_twice("zR", (struct bytes)BYTES("\x08\x08\x58\x09\x10\x08")), 0);
	assert_int_equal(walk_twice("zR", (struct bytes)BYTES("\x07\x03\x58\x09\x10\x03")),
			 -ENODATA);
	/* a signal frame says what it restores; else it is not known */
	assert_int_equal(walk_twice("zRS", (struct bytes)BYTES("\x58\x09\x10\x03")), -ENODATA);
	assert_int_equal(walk_twice("zRS", (struct bytes)BYTES("\x08\x03\x58\x09\x10\x03")), 0);
}

static void a_frame_lies_above_the_one_it_called(void **state)
{
	struct cfi cfi = plain;

	(void)state;
	/* from pc 0x18 on the CFA is rbp, which stays the same: a loop */
	cfi.program = (struct bytes)BYTES("\x58\x0c\x06\x00\x16\x10\x04\x0a\x20\x40\x96");
	make(&cfi);
	stack[0] = TEXT + 0x20;
	assert_int_equal(walk(), -ENODATA);
	assert_int_equal(n_frames, 3);
}

static void gives_up_after_4096_frames(void **state)
{
	(void)state;
	make(&plain);
	for (size_t i = 0; i < STACK_WORDS; i++)
		stack[i] = TEXT + 0x20;
	assert_int_equal(walk(), -ENODATA);
	assert_int_equal(n_frames, 4096);
	stack[4090] = WORD(0);
	assert_int_equal(walk(), 0);
	assert_int_equal(n_frames, 4092);
}

struct call_case {
	struct bytes code;
	bool good;
};

static const struct call_case call_cases[] = {
	{ BYTES("\x90\x90\xe8\x01\x02\x03\x04"), true }, /* call rel32 */
	{ BYTES("\x90\x90\x90\x90\x90\xff\xd0"), true }, /* *%rax */
	{ BYTES("\x90\x90\x90\x90\x41\xff\xd3"), true }, /* *%r11 */
	{ BYTES("\x90\x90\x90\x90\x90\xff\x13"), true }, /* *(%rbx) */
	{ BYTES("\x90\x90\x90\x90\xff\x14\xd8"), true }, /* *(%rax,%rbx,8) */
	{ BYTES("\x90\x90\x90\x90\xff\x53\x10"), true }, /* *16(%rbx) */
	{ BYTES("\x90\x90\x90\xff\x54\x24\x10"), true }, /* *16(%rsp) */
	{ BYTES("\x90\xff\x93\x10\x01\x00\x00"), true }, /* *272(%rbx) */
	{ BYTES("\x90\xff\x15\x10\x01\x00\x00"), true }, /* *272(%rip) */
	{ BYTES("\xff\x94\x24\x10\x01\x00\x00"), true }, /* *272(%rsp) */
	{ BYTES("\xff\x14\xc5\x10\x01\x00\x00"), true }, /* *272(,%rax,8) */
	{ BYTES("\x90\x90\x90\x90\x90\xff\xe0"), false }, /* jmp *%rax */
	{ BYTES("\x90\x90\x90\x90\x90\xff\x14"), false }, /* cut off */
	{ BYTES("\x90\x90\x90\x90\x90\xff\x15"), false },
	{ BYTES("\x90\x90\x90\x90\xff\x13\x90"), false }, /* not at its end */
	{ BYTES("\x90\x90\x90\x90\x90\x0f\x05"), false }, /* syscall */
	{ BYTES("\x90\x90\x90\x90\x90\x90\x90"), false },
};

static void what_was_not_called_is_no_caller(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(call_cases) / sizeof(call_cases[0]); i++) {
		const struct call_case *one = &call_cases[i];
		int result;

		make(&plain);
		stack[0] = TEXT + 0x100;
		stack[1] = WORD(1);
		memset(text, 0x90, 0x200);
		memcpy(text + 0x100 - one->code.size, one->code.bytes, one->code.size);
		result = walk();
		if (result != (one->good ? 0 : -ENODATA))
			fail_msg("case %zu: %d", i, result);
	}
}

static void is_in_doubt_where_tables_are_cut_off(void **state)
{
	size_t whole;

	(void)state;
	make(&plain);
	assert_int_equal(walk(), 0);
	whole = eh_frame_size - 4;
	for (eh_frame_size = 0; eh_frame_size < whole; eh_frame_size++)
		assert_int_equal(walk(), -ENODATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_each_operation),
		cmocka_unit_test(evaluates_each_operator),
		cmocka_unit_test(reads_each_kind_of_entry),
		cmocka_unit_test(refuses_what_no_compiler_writes),
		cmocka_unit_test(knows_where_a_function_starts),
		cmocka_unit_test(a_caller_is_looked_up_at_its_call),
		cmocka_unit_test(a_caller_saved_register_is_lost_by_a_call),
		cmocka_unit_test(a_frame_lies_above_the_one_it_called),
		cmocka_unit_test(gives_up_after_4096_frames),
		cmocka_unit_test(what_was_not_called_is_no_caller),
		cmocka_unit_test(is_in_doubt_where_tables_are_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
