/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unwind.h"

#include "unwind_bytes.h"
#include "unwind_call.h"
#include "unwind_expr.h"
#include "unwind_fde.h"
#include "unwind_row.h"

#include <errno.h>
#include <string.h>

#define MAX_FRAMES 4096

/* System V ABI: what a callee leaves as it was; rsp and the pc have rules of their own */
#define CALLEE_SAVED                                                                               \
	(1u << LP_REG_RBX | 1u << LP_REG_RBP | 1u << LP_REG_R12 | 1u << LP_REG_R13 |               \
	 1u << LP_REG_R14 | 1u << LP_REG_R15)

struct walk {
	struct lp_unwind_memory memory;
	struct lp_registers registers; /* at the frame that is looked at */
	/*
	 * its pc is the next instruction: innermost, or interrupted by a signal. Otherwise it is a
	 * return address, and may be behind the last instruction of its function
	 */
	bool exact;
	struct lp_unwind_fde fde; /* of the frame before, at first none */
	uint64_t last; /* no return address above is asked for */
};

static bool is_known(const struct lp_registers *registers, unsigned int number)
{
	return number < LP_REG_COUNT && (registers->known & (1u << number));
}

/* A recursion finds the FDE of its last frame again. */
static int fde_select(struct walk *walk, uint64_t pc)
{
	if (walk->fde.addr != 0 && pc >= walk->fde.pc_lo && pc < walk->fde.pc_hi)
		return 0;
	return lp_unwind_fde_find(&walk->memory, pc, &walk->fde);
}

static int cfa_find(struct walk *walk, const struct lp_unwind_row *row, uint64_t *cfa)
{
	const struct lp_registers *registers = &walk->registers;
	struct lp_unwind_block block;

	switch (row->cfa_rule) {
	case LP_RULE_REGISTER:
		if (!is_known(registers, row->cfa_register))
			return -ENODATA;
		*cfa = registers->value[row->cfa_register] + (uint64_t)(int64_t)row->cfa_value;
		return 0;
	case LP_RULE_VAL_EXPRESSION:
		block = lp_unwind_row_block(&walk->fde, row->cfa_value);
		return lp_unwind_expr_eval(&walk->memory, registers, &block, NULL, cfa);
	default:
		return -ENODATA;
	}
}

/* 0: found; 1: the caller's value is not known; -ENODATA: the rule cannot be followed. */
static int default_find(const struct walk *walk, unsigned int number, uint64_t cfa, uint64_t *value)
{
	if (number == LP_REG_RSP) {
		*value = cfa;
		return 0;
	}
	if (number == LP_REG_RA)
		return -ENODATA;
	/* a handler may have changed what the interrupted code goes on with */
	if (walk->fde.cie.signal || !(CALLEE_SAVED & (1u << number)) ||
	    !is_known(&walk->registers, number))
		return 1;
	*value = walk->registers.value[number];
	return 0;
}

static int copy_find(const struct walk *walk, unsigned int number, uint64_t *value)
{
	if (!is_known(&walk->registers, number))
		return 1;
	*value = walk->registers.value[number];
	return 0;
}

static int memory_find(struct walk *walk, uint64_t addr, uint64_t *value)
{
	return lp_unwind_memory_read(&walk->memory, addr, value, sizeof(*value));
}

static int expression_find(struct walk *walk, int32_t place, uint64_t cfa, uint64_t *value)
{
	struct lp_unwind_block block = lp_unwind_row_block(&walk->fde, place);

	return lp_unwind_expr_eval(&walk->memory, &walk->registers, &block, &cfa, value);
}

/* As default_find(). */
static int register_find(struct walk *walk, const struct lp_unwind_row *row, unsigned int number,
			 uint64_t cfa, uint64_t *value)
{
	int32_t operand = row->value[number];
	uint64_t addr = cfa + (uint64_t)(int64_t)operand;

	switch (row->rule[number]) {
	case LP_RULE_DEFAULT:
		return default_find(walk, number, cfa, value);
	case LP_RULE_UNDEFINED:
		return 1;
	case LP_RULE_SAME:
		return copy_find(walk, number, value);
	case LP_RULE_REGISTER:
		return copy_find(walk, (unsigned int)operand, value);
	case LP_RULE_OFFSET:
		return memory_find(walk, addr, value);
	case LP_RULE_VAL_OFFSET:
		*value = addr;
		return 0;
	case LP_RULE_EXPRESSION:
		if (expression_find(walk, operand, cfa, &addr) != 0)
			return -ENODATA;
		return memory_find(walk, addr, value);
	case LP_RULE_VAL_EXPRESSION:
		return expression_find(walk, operand, cfa, value);
	default:
		return -ENODATA;
	}
}

static int registers_find(struct walk *walk, const struct lp_unwind_row *row, uint64_t cfa,
			  struct lp_registers *caller)
{
	caller->known = 0;
	for (unsigned int i = 0; i < LP_REG_COUNT; i++) {
		int result = register_find(walk, row, i, cfa, &caller->value[i]);

		if (result < 0)
			return result;
		if (result == 0)
			caller->known |= 1u << i;
	}
	if (!is_known(caller, LP_REG_RSP) || !is_known(caller, LP_REG_RA))
		return -ENODATA;
	return 0;
}

/*
 * A caller's frame is further up; a frame that is looked at in the middle of a function may have
 * its return address in a register and no size. After a signal it may be another stack.
 */
static bool grows(const struct walk *walk, uint64_t stack)
{
	uint64_t before = walk->registers.value[LP_REG_RSP];

	return walk->fde.cie.signal || stack > before || (walk->exact && stack == before);
}

/*
 * Return addresses of this frame and of those above lie at its stack pointer or higher; further
 * down all frames have been seen. Behind a signal frame that is not so: the stack may be another.
 */
static bool is_above_last(const struct walk *walk)
{
	return walk->registers.value[LP_REG_RSP] > walk->last;
}

/* 0: registers are those of the caller now; 1: no more is asked for, or there; -ENODATA. */
static int step(struct walk *walk)
{
	uint64_t pc = walk->registers.value[LP_REG_RA];
	struct lp_unwind_row row;
	struct lp_registers caller;
	uint64_t place = walk->exact ? pc : pc - 1;
	uint64_t cfa;

	if (fde_select(walk, place) != 0 ||
	    lp_unwind_row_build(&walk->memory, &walk->fde, place, &row) != 0)
		return -ENODATA;
	if (row.rule[LP_REG_RA] == LP_RULE_UNDEFINED)
		return 1;
	/* what nobody called is no frame: either the tables lie or the stack does */
	if (!walk->exact && !walk->fde.cie.signal && !lp_unwind_call_before(&walk->memory, pc))
		return -ENODATA;
	if (walk->fde.cie.signal)
		walk->last = LP_UNWIND_ALL;
	if (is_above_last(walk))
		return 1;
	if (cfa_find(walk, &row, &cfa) != 0 || registers_find(walk, &row, cfa, &caller) != 0)
		return -ENODATA;
	if (!grows(walk, cfa) || !grows(walk, caller.value[LP_REG_RSP]))
		return -ENODATA;
	walk->registers = caller;
	walk->exact = walk->fde.cie.signal;
	return 0;
}

int lp_unwind_walk(const struct lp_unwind_space *space, const struct lp_registers *registers,
		   uint64_t last, lp_unwind_frame frame, void *frame_context)
{
	struct walk walk = {
		.memory = { .space = space, .reads_left = LP_UNWIND_MAX_READS },
		.registers = *registers,
		.exact = true,
		.last = last,
	};

	if (!is_known(registers, LP_REG_RSP) || !is_known(registers, LP_REG_RA))
		return -ENODATA;
	for (unsigned int i = 0; i < MAX_FRAMES; i++) {
		int result;

		if (frame(frame_context, walk.registers.value[LP_REG_RA]))
			return 1;
		result = step(&walk);
		if (result != 0)
			return result < 0 ? result : 0;
	}
	return -ENODATA;
}
