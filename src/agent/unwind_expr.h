/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unwind_expr.h - a DWARF expression of call frame information (DWARF 4, 2.5.1 and 6.4.2). Part of
 * unwind.c only.
 */
#ifndef LP_AGENT_UNWIND_EXPR_H
#define LP_AGENT_UNWIND_EXPR_H

#include "unwind_bytes.h"

/* length and operators, at addr; nothing at or after end belongs to it */
struct lp_unwind_block {
	uint64_t addr, end;
};

/*
 * cfa: the first value on the expression's stack, NULL: none. 0 with *value set; -ENODATA: an
 * operator or register that is not known, memory that cannot be read, too many steps or values.
 */
int lp_unwind_expr_eval(struct lp_unwind_memory *memory, const struct lp_registers *registers,
			const struct lp_unwind_block *block, const uint64_t *cfa, uint64_t *value);

#endif
