/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unwind_fde.h - the frame description entry of a pc, out of .eh_frame. Part of unwind.c only.
 * Format: Linux Standard Base, "Exception Frames"; DWARF 4, 6.4.1.
 */
#ifndef LP_AGENT_UNWIND_FDE_H
#define LP_AGENT_UNWIND_FDE_H

#include "unwind_bytes.h"

/* what the entries of a compilation unit have in common (common information entry) */
struct lp_unwind_cie {
	uint64_t addr; /* 0: none */
	uint64_t program, program_end; /* addresses of the instructions */
	uint64_t code_align;
	int64_t data_align;
	uint8_t encoding; /* of pointers in its FDEs */
	bool sized; /* FDEs carry a length of augmentation data */
	bool signal; /* the frame of a signal: the caller was interrupted, it did not call */
};

struct lp_unwind_fde {
	uint64_t addr;
	uint64_t pc_lo, pc_hi;
	uint64_t program, program_end;
	struct lp_unwind_cie cie;
};

/* 0; -ENODATA: none, or in doubt. fde then is not to be used. */
int lp_unwind_fde_find(struct lp_unwind_memory *memory, uint64_t pc, struct lp_unwind_fde *fde);

#endif
