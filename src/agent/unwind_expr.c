/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unwind_expr.h"

#include <errno.h>

#define MAX_STEPS 256
#define MAX_VALUES 16

enum {
	OP_ADDR = 0x03,
	OP_DEREF = 0x06,
	OP_CONST1U = 0x08,
	OP_CONST1S = 0x09,
	OP_CONST2U = 0x0a,
	OP_CONST2S = 0x0b,
	OP_CONST4U = 0x0c,
	OP_CONST4S = 0x0d,
	OP_CONST8U = 0x0e,
	OP_CONST8S = 0x0f,
	OP_CONSTU = 0x10,
	OP_CONSTS = 0x11,
	OP_DUP = 0x12,
	OP_DROP = 0x13,
	OP_OVER = 0x14,
	OP_PICK = 0x15,
	OP_SWAP = 0x16,
	OP_ROT = 0x17,
	OP_ABS = 0x19,
	OP_AND = 0x1a,
	OP_DIV = 0x1b,
	OP_MINUS = 0x1c,
	OP_MOD = 0x1d,
	OP_MUL = 0x1e,
	OP_NEG = 0x1f,
	OP_NOT = 0x20,
	OP_OR = 0x21,
	OP_PLUS = 0x22,
	OP_PLUS_UCONST = 0x23,
	OP_SHL = 0x24,
	OP_SHR = 0x25,
	OP_SHRA = 0x26,
	OP_XOR = 0x27,
	OP_BRA = 0x28,
	OP_EQ = 0x29,
	OP_GE = 0x2a,
	OP_GT = 0x2b,
	OP_LE = 0x2c,
	OP_LT = 0x2d,
	OP_NE = 0x2e,
	OP_SKIP = 0x2f,
	OP_LIT0 = 0x30,
	OP_LIT31 = 0x4f,
	OP_BREG0 = 0x70,
	OP_BREG31 = 0x8f,
	OP_BREGX = 0x92,
	OP_DEREF_SIZE = 0x94,
	OP_NOP = 0x96,
};

struct machine {
	struct lp_unwind_bytes code;
	const struct lp_registers *registers;
	uint64_t start; /* address of the first operator */
	unsigned int count;
	uint64_t values[MAX_VALUES];
};

static void push(struct machine *machine, uint64_t value)
{
	if (machine->count == MAX_VALUES) {
		machine->code.bad = true;
		return;
	}
	machine->values[machine->count++] = value;
}

static uint64_t pop(struct machine *machine)
{
	if (machine->count == 0) {
		machine->code.bad = true;
		return 0;
	}
	return machine->values[--machine->count];
}

/* depth 0: the top */
static uint64_t peek(struct machine *machine, unsigned int depth)
{
	if (depth >= machine->count) {
		machine->code.bad = true;
		return 0;
	}
	return machine->values[machine->count - 1 - depth];
}

static void push_register(struct machine *machine, uint64_t number)
{
	int64_t offset = lp_unwind_bytes_sleb(&machine->code);

	if (number >= LP_REG_COUNT || !(machine->registers->known & (1u << number))) {
		machine->code.bad = true;
		return;
	}
	push(machine, machine->registers->value[number] + (uint64_t)offset);
}

static void push_memory(struct machine *machine, size_t size)
{
	uint64_t addr = pop(machine);
	uint64_t value = 0;

	if (size == 0 || size > sizeof(value) ||
	    lp_unwind_memory_read(machine->code.memory, addr, &value, size) != 0)
		machine->code.bad = true;
	push(machine, value);
}

static void jump(struct machine *machine, bool taken)
{
	struct lp_unwind_bytes *code = &machine->code;
	uint64_t distance = (uint64_t)lp_unwind_bytes_signed(code, 2);
	uint64_t to = code->addr + distance;

	if (code->bad || !taken)
		return;
	if (to < machine->start || to > code->end) {
		code->bad = true;
		return;
	}
	lp_unwind_bytes_init(code, code->memory, to, code->end);
}

static bool is_constant(uint8_t op)
{
	return op == OP_ADDR || (op >= OP_CONST1U && op <= OP_CONSTS) ||
	       (op >= OP_LIT0 && op <= OP_LIT31);
}

static uint64_t constant(struct lp_unwind_bytes *code, uint8_t op)
{
	switch (op) {
	case OP_CONST1U:
	case OP_CONST2U:
	case OP_CONST4U:
		return lp_unwind_bytes_unsigned(code, 1u << (op - OP_CONST1U) / 2);
	case OP_CONST1S:
	case OP_CONST2S:
	case OP_CONST4S:
		return (uint64_t)lp_unwind_bytes_signed(code, 1u << (op - OP_CONST1S) / 2);
	case OP_ADDR:
	case OP_CONST8U:
	case OP_CONST8S:
		return lp_unwind_bytes_unsigned(code, 8);
	case OP_CONSTU:
		return lp_unwind_bytes_uleb(code);
	case OP_CONSTS:
		return (uint64_t)lp_unwind_bytes_sleb(code);
	default:
		return (uint64_t)(op - OP_LIT0);
	}
}

/* Signed division, as libgcc does it; what C leaves undefined is a doubt. */
static uint64_t divide(struct machine *machine, uint64_t a, uint64_t b)
{
	if (b == 0 || (a == (uint64_t)INT64_MIN && b == UINT64_MAX)) {
		machine->code.bad = true;
		return 0;
	}
	return (uint64_t)((int64_t)a / (int64_t)b);
}

static uint64_t modulo(struct machine *machine, uint64_t a, uint64_t b)
{
	if (b == 0) {
		machine->code.bad = true;
		return 0;
	}
	return a % b;
}

static uint64_t shift(struct machine *machine, uint8_t op, uint64_t a, uint64_t b)
{
	if (b > 63) {
		machine->code.bad = true;
		return 0;
	}
	if (op == OP_SHL)
		return a << b;
	if (op == OP_SHR)
		return a >> b;
	return (uint64_t)((int64_t)a >> b);
}

static bool compare(uint8_t op, int64_t a, int64_t b)
{
	switch (op) {
	case OP_EQ:
		return a == b;
	case OP_GE:
		return a >= b;
	case OP_GT:
		return a > b;
	case OP_LE:
		return a <= b;
	case OP_LT:
		return a < b;
	default:
		return a != b;
	}
}

/* a was below b on the stack */
static uint64_t combine(struct machine *machine, uint8_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case OP_AND:
		return a & b;
	case OP_DIV:
		return divide(machine, a, b);
	case OP_MINUS:
		return a - b;
	case OP_MOD:
		return modulo(machine, a, b);
	case OP_MUL:
		return a * b;
	case OP_OR:
		return a | b;
	case OP_PLUS:
		return a + b;
	case OP_XOR:
		return a ^ b;
	case OP_SHL:
	case OP_SHR:
	case OP_SHRA:
		return shift(machine, op, a, b);
	default:
		return compare(op, (int64_t)a, (int64_t)b);
	}
}

static bool is_binary(uint8_t op)
{
	return op == OP_AND || (op >= OP_DIV && op <= OP_MUL) || op == OP_OR || op == OP_PLUS ||
	       (op >= OP_SHL && op <= OP_XOR) || (op >= OP_EQ && op <= OP_NE);
}

static void binary(struct machine *machine, uint8_t op)
{
	uint64_t b = pop(machine);
	uint64_t a = pop(machine);

	push(machine, combine(machine, op, a, b));
}

static void unary(struct machine *machine, uint8_t op)
{
	uint64_t a = pop(machine);

	switch (op) {
	case OP_ABS:
		push(machine, (int64_t)a < 0 ? 0 - a : a);
		break;
	case OP_NEG:
		push(machine, 0 - a);
		break;
	case OP_NOT:
		push(machine, ~a);
		break;
	default:
		push(machine, a + lp_unwind_bytes_uleb(&machine->code));
	}
}

static void exchange(struct machine *machine, uint8_t op)
{
	uint64_t a = pop(machine);
	uint64_t b = pop(machine);
	uint64_t c = op == OP_ROT ? pop(machine) : 0;

	push(machine, a);
	if (op == OP_ROT)
		push(machine, c);
	push(machine, b);
}

static void step(struct machine *machine, uint8_t op)
{
	struct lp_unwind_bytes *code = &machine->code;

	switch (op) {
	case OP_NOP:
		break;
	case OP_DUP:
		push(machine, peek(machine, 0));
		break;
	case OP_OVER:
		push(machine, peek(machine, 1));
		break;
	case OP_PICK:
		push(machine, peek(machine, lp_unwind_bytes_u8(code)));
		break;
	case OP_DROP:
		pop(machine);
		break;
	case OP_SWAP:
	case OP_ROT:
		exchange(machine, op);
		break;
	case OP_ABS:
	case OP_NEG:
	case OP_NOT:
	case OP_PLUS_UCONST:
		unary(machine, op);
		break;
	case OP_DEREF:
		push_memory(machine, 8);
		break;
	case OP_DEREF_SIZE:
		push_memory(machine, lp_unwind_bytes_u8(code));
		break;
	case OP_SKIP:
		jump(machine, true);
		break;
	case OP_BRA:
		jump(machine, pop(machine) != 0);
		break;
	case OP_BREGX:
		push_register(machine, lp_unwind_bytes_uleb(code));
		break;
	case OP_BREG0 ... OP_BREG31:
		push_register(machine, op - OP_BREG0);
		break;
	default:
		if (is_constant(op))
			push(machine, constant(code, op));
		else if (is_binary(op))
			binary(machine, op);
		else
			code->bad = true;
	}
}

int lp_unwind_expr_eval(struct lp_unwind_memory *memory, const struct lp_registers *registers,
			const struct lp_unwind_block *block, const uint64_t *cfa, uint64_t *value)
{
	struct machine machine = { .registers = registers };
	struct lp_unwind_bytes *code = &machine.code;
	unsigned int steps = 0;
	uint64_t length, result;

	lp_unwind_bytes_init(code, memory, block->addr, block->end);
	length = lp_unwind_bytes_uleb(code);
	if (code->bad || length > code->end - code->addr)
		return -ENODATA;
	machine.start = code->addr;
	code->end = code->addr + length;
	if (cfa)
		push(&machine, *cfa);
	while (!code->bad && code->addr != code->end) {
		if (++steps > MAX_STEPS)
			return -ENODATA;
		step(&machine, lp_unwind_bytes_u8(code));
	}
	result = pop(&machine);
	if (code->bad)
		return -ENODATA;
	*value = result;
	return 0;
}
