/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unwind_row.h"

#include <errno.h>
#include <string.h>

#define MAX_SAVED 8
/* xmm, x87, segments: no rule for them is needed, but they may have one */
#define MAX_REGISTER 130

enum {
	CFA_NOP = 0x00,
	CFA_SET_LOC = 0x01,
	CFA_ADVANCE_LOC1 = 0x02,
	CFA_ADVANCE_LOC2 = 0x03,
	CFA_ADVANCE_LOC4 = 0x04,
	CFA_OFFSET_EXTENDED = 0x05,
	CFA_RESTORE_EXTENDED = 0x06,
	CFA_UNDEFINED = 0x07,
	CFA_SAME_VALUE = 0x08,
	CFA_REGISTER = 0x09,
	CFA_REMEMBER_STATE = 0x0a,
	CFA_RESTORE_STATE = 0x0b,
	CFA_DEF_CFA = 0x0c,
	CFA_DEF_CFA_REGISTER = 0x0d,
	CFA_DEF_CFA_OFFSET = 0x0e,
	CFA_DEF_CFA_EXPRESSION = 0x0f,
	CFA_EXPRESSION = 0x10,
	CFA_OFFSET_EXTENDED_SF = 0x11,
	CFA_DEF_CFA_SF = 0x12,
	CFA_DEF_CFA_OFFSET_SF = 0x13,
	CFA_VAL_OFFSET = 0x14,
	CFA_VAL_OFFSET_SF = 0x15,
	CFA_VAL_EXPRESSION = 0x16,
	CFA_GNU_ARGS_SIZE = 0x2e,
	CFA_GNU_NEGATIVE_OFFSET_EXTENDED = 0x2f,
	CFA_PRIMARY = 0xc0,
	CFA_ADVANCE_LOC = 0x40,
	CFA_OFFSET = 0x80,
	CFA_RESTORE = 0xc0,
};

struct program {
	struct lp_unwind_bytes code;
	const struct lp_unwind_fde *fde;
	struct lp_unwind_row *row;
	const struct lp_unwind_row *initial; /* NULL: this is the CIE's own program */
	uint64_t location; /* the row is right from here on */
	uint64_t pc; /* the row is wanted for */
	unsigned int n_saved;
	bool done;
	struct lp_unwind_row saved[MAX_SAVED];
};

struct lp_unwind_block lp_unwind_row_block(const struct lp_unwind_fde *fde, int32_t value)
{
	uint64_t addr = fde->addr + (uint64_t)(int64_t)value;
	bool own = addr >= fde->program && addr < fde->program_end;

	return (struct lp_unwind_block){ addr, own ? fde->program_end : fde->cie.program_end };
}

static int32_t narrow(struct program *program, int64_t value)
{
	if (value != (int32_t)value)
		program->code.bad = true;
	return (int32_t)value;
}

static int32_t factored(struct program *program, int64_t value)
{
	int64_t result;

	if (__builtin_mul_overflow(value, program->fde->cie.data_align, &result))
		program->code.bad = true;
	return narrow(program, program->code.bad ? 0 : result);
}

/* uleb numbers are taken as signed: one of 2^63 and more is refused by narrow() */
static int64_t unsigned_operand(struct program *program)
{
	return (int64_t)lp_unwind_bytes_uleb(&program->code);
}

static int64_t signed_operand(struct program *program)
{
	return lp_unwind_bytes_sleb(&program->code);
}

static uint64_t register_operand(struct program *program)
{
	uint64_t number = lp_unwind_bytes_uleb(&program->code);

	if (number > MAX_REGISTER)
		program->code.bad = true;
	return number;
}

/* The place of a block, as a distance from the FDE. */
static int32_t block_operand(struct program *program)
{
	struct lp_unwind_bytes *code = &program->code;
	int32_t place = narrow(program, (int64_t)(code->addr - program->fde->addr));

	lp_unwind_bytes_skip(code, lp_unwind_bytes_uleb(code));
	return place;
}

static void rule_set(struct program *program, uint64_t number, enum lp_unwind_rule rule,
		     int32_t value)
{
	if (program->code.bad || number >= LP_REG_COUNT)
		return;
	program->row->rule[number] = (uint8_t)rule;
	program->row->value[number] = value;
}

static void rule_restore(struct program *program, uint64_t number)
{
	if (!program->initial) {
		program->code.bad = true;
		return;
	}
	if (number < LP_REG_COUNT)
		rule_set(program, number, program->initial->rule[number],
			 program->initial->value[number]);
}

static void cfa_set(struct program *program, uint64_t number, int32_t value)
{
	if (number >= LP_REG_COUNT)
		program->code.bad = true;
	if (program->code.bad)
		return;
	program->row->cfa_rule = LP_RULE_REGISTER;
	program->row->cfa_register = (uint8_t)number;
	program->row->cfa_value = value;
}

/* Half of a register and an offset cannot be changed when there is none. */
static void cfa_change(struct program *program, uint64_t number, int32_t value)
{
	if (program->row->cfa_rule != LP_RULE_REGISTER)
		program->code.bad = true;
	cfa_set(program, number, value);
}

static void cfa_set_expression(struct program *program)
{
	int32_t place = block_operand(program);

	if (program->code.bad)
		return;
	program->row->cfa_rule = LP_RULE_VAL_EXPRESSION;
	program->row->cfa_value = place;
}

static void location_set(struct program *program, uint64_t location)
{
	if (!program->initial || location < program->location)
		program->code.bad = true;
	if (location > program->pc)
		program->done = true;
	program->location = location;
}

static void location_advance(struct program *program, uint64_t delta)
{
	uint64_t location;

	if (__builtin_mul_overflow(delta, program->fde->cie.code_align, &delta) ||
	    __builtin_add_overflow(program->location, delta, &location)) {
		program->code.bad = true;
		return;
	}
	location_set(program, location);
}

static void row_save(struct program *program)
{
	if (program->n_saved == MAX_SAVED) {
		program->code.bad = true;
		return;
	}
	program->saved[program->n_saved++] = *program->row;
}

static void row_restore(struct program *program)
{
	if (program->n_saved == 0) {
		program->code.bad = true;
		return;
	}
	*program->row = program->saved[--program->n_saved];
}

static void register_step(struct program *program, uint8_t op)
{
	uint64_t number = register_operand(program);

	switch (op) {
	case CFA_OFFSET_EXTENDED:
		rule_set(program, number, LP_RULE_OFFSET,
			 factored(program, unsigned_operand(program)));
		break;
	case CFA_OFFSET_EXTENDED_SF:
		rule_set(program, number, LP_RULE_OFFSET,
			 factored(program, signed_operand(program)));
		break;
	case CFA_GNU_NEGATIVE_OFFSET_EXTENDED:
		rule_set(program, number, LP_RULE_OFFSET,
			 narrow(program, -(int64_t)factored(program, unsigned_operand(program))));
		break;
	case CFA_VAL_OFFSET:
		rule_set(program, number, LP_RULE_VAL_OFFSET,
			 factored(program, unsigned_operand(program)));
		break;
	case CFA_VAL_OFFSET_SF:
		rule_set(program, number, LP_RULE_VAL_OFFSET,
			 factored(program, signed_operand(program)));
		break;
	case CFA_REGISTER:
		rule_set(program, number, LP_RULE_REGISTER, (int32_t)register_operand(program));
		break;
	case CFA_EXPRESSION:
		rule_set(program, number, LP_RULE_EXPRESSION, block_operand(program));
		break;
	case CFA_VAL_EXPRESSION:
		rule_set(program, number, LP_RULE_VAL_EXPRESSION, block_operand(program));
		break;
	case CFA_UNDEFINED:
		rule_set(program, number, LP_RULE_UNDEFINED, 0);
		break;
	case CFA_SAME_VALUE:
		rule_set(program, number, LP_RULE_SAME, 0);
		break;
	case CFA_RESTORE_EXTENDED:
		rule_restore(program, number);
		break;
	default:
		program->code.bad = true;
	}
}

static void cfa_step(struct program *program, uint8_t op)
{
	struct lp_unwind_row *row = program->row;
	uint64_t number;

	switch (op) {
	case CFA_DEF_CFA:
		number = register_operand(program);
		cfa_set(program, number, narrow(program, unsigned_operand(program)));
		break;
	case CFA_DEF_CFA_SF:
		number = register_operand(program);
		cfa_set(program, number, factored(program, signed_operand(program)));
		break;
	case CFA_DEF_CFA_REGISTER:
		cfa_change(program, register_operand(program), row->cfa_value);
		break;
	case CFA_DEF_CFA_OFFSET:
		cfa_change(program, row->cfa_register, narrow(program, unsigned_operand(program)));
		break;
	case CFA_DEF_CFA_OFFSET_SF:
		cfa_change(program, row->cfa_register, factored(program, signed_operand(program)));
		break;
	default:
		cfa_set_expression(program);
	}
}

static void location_step(struct program *program, uint8_t op)
{
	struct lp_unwind_bytes *code = &program->code;

	if (op == CFA_SET_LOC)
		location_set(program, lp_unwind_bytes_pointer(code, program->fde->cie.encoding, 0));
	else
		location_advance(program,
				 lp_unwind_bytes_unsigned(code, 1u << (op - CFA_ADVANCE_LOC1)));
}

static void extended_step(struct program *program, uint8_t op)
{
	switch (op) {
	case CFA_NOP:
		break;
	case CFA_SET_LOC ... CFA_ADVANCE_LOC4:
		location_step(program, op);
		break;
	case CFA_REMEMBER_STATE:
		row_save(program);
		break;
	case CFA_RESTORE_STATE:
		row_restore(program);
		break;
	case CFA_DEF_CFA ... CFA_DEF_CFA_EXPRESSION:
	case CFA_DEF_CFA_SF:
	case CFA_DEF_CFA_OFFSET_SF:
		cfa_step(program, op);
		break;
	case CFA_GNU_ARGS_SIZE:
		/* for landing pads only */
		lp_unwind_bytes_uleb(&program->code);
		break;
	default:
		register_step(program, op);
	}
}

static void step(struct program *program)
{
	uint8_t op = lp_unwind_bytes_u8(&program->code);
	uint8_t operand = op & (uint8_t)~CFA_PRIMARY;

	switch (op & CFA_PRIMARY) {
	case CFA_ADVANCE_LOC:
		location_advance(program, operand);
		break;
	case CFA_OFFSET:
		rule_set(program, operand, LP_RULE_OFFSET,
			 factored(program, unsigned_operand(program)));
		break;
	case CFA_RESTORE:
		rule_restore(program, operand);
		break;
	default:
		extended_step(program, op);
	}
}

static int run(struct program *program, struct lp_unwind_memory *memory, uint64_t addr,
	       uint64_t end)
{
	lp_unwind_bytes_init(&program->code, memory, addr, end);
	program->n_saved = 0;
	while (!program->code.bad && !program->done && program->code.addr != end)
		step(program);
	return program->code.bad ? -ENODATA : 0;
}

int lp_unwind_row_build(struct lp_unwind_memory *memory, const struct lp_unwind_fde *fde,
			uint64_t pc, struct lp_unwind_row *row)
{
	struct lp_unwind_row initial;
	struct program program = {
		.fde = fde,
		.row = row,
		.location = fde->pc_lo,
		.pc = pc,
	};

	memset(row, 0, sizeof(*row));
	if (run(&program, memory, fde->cie.program, fde->cie.program_end) != 0)
		return -ENODATA;
	initial = *row;
	program.initial = &initial;
	return run(&program, memory, fde->program, fde->program_end);
}
