/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unwind_row.h - one row of the table that an FDE encodes: how the caller's registers are found
 * from those at one pc (DWARF 4, 6.4). Part of unwind.c only.
 *
 * A row is small because a program may save eight of them, and all of them are on the stack.
 */
#ifndef LP_AGENT_UNWIND_ROW_H
#define LP_AGENT_UNWIND_ROW_H

#include "unwind_expr.h"
#include "unwind_fde.h"

/* | rule           | the caller's value                                        | value      |
 * | DEFAULT        | as the calling convention says                            | -          |
 * | UNDEFINED      | gone; of the return address: there is no caller           | -          |
 * | SAME           | the same                                                  | -          |
 * | REGISTER       | in another register                                       | its number |
 * | OFFSET         | in memory, at the CFA plus ...                            | bytes      |
 * | VAL_OFFSET     | the CFA plus ...                                          | bytes      |
 * | EXPRESSION     | in memory, at the result of an expression                 | its place  |
 * | VAL_EXPRESSION | the result of an expression                               | its place  |
 */
enum lp_unwind_rule {
	LP_RULE_DEFAULT,
	LP_RULE_UNDEFINED,
	LP_RULE_SAME,
	LP_RULE_REGISTER,
	LP_RULE_OFFSET,
	LP_RULE_VAL_OFFSET,
	LP_RULE_EXPRESSION,
	LP_RULE_VAL_EXPRESSION,
};

struct lp_unwind_row {
	uint8_t rule[LP_REG_COUNT];
	uint8_t cfa_rule; /* DEFAULT: none yet; REGISTER: cfa_register + cfa_value; VAL_EXPRESSION */
	uint8_t cfa_register;
	int32_t value[LP_REG_COUNT];
	int32_t cfa_value;
};

/* Runs the programs of CIE and FDE up to pc, which the FDE covers. 0 or -ENODATA. */
int lp_unwind_row_build(struct lp_unwind_memory *memory, const struct lp_unwind_fde *fde,
			uint64_t pc, struct lp_unwind_row *row);

/* The expression that a rule of this FDE's rows has as its value. */
struct lp_unwind_block lp_unwind_row_block(const struct lp_unwind_fde *fde, int32_t value);

#endif
