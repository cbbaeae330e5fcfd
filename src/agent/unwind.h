/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unwind.h - exact unwinding of a snapshot by CFI (.eh_frame), in doubt: failure.
 *
 * Used when a word of a stack lies in a busy range, to tell a return address from a stale word.
 * Never reads memory but through the reader, never guesses: an instruction, encoding, expression
 * operator or register rule it does not know, a frame without CFI, a CFA that does not grow, a
 * register that is needed but not known (a sleeping task's callee-saved registers are not known
 * at first) - all end in -ENODATA.
 */
#ifndef LP_AGENT_UNWIND_H
#define LP_AGENT_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "object.h"

enum {
	LP_REG_RAX,
	LP_REG_RDX,
	LP_REG_RCX,
	LP_REG_RBX,
	LP_REG_RSI,
	LP_REG_RDI,
	LP_REG_RBP,
	LP_REG_RSP,
	LP_REG_R8,
	LP_REG_R9,
	LP_REG_R10,
	LP_REG_R11,
	LP_REG_R12,
	LP_REG_R13,
	LP_REG_R14,
	LP_REG_R15,
	LP_REG_RA,
	LP_REG_COUNT
}; /* DWARF numbers; RA is the pc */

struct lp_registers {
	uint64_t value[LP_REG_COUNT];
	uint32_t known; /* bit i: value[i] is valid; rsp and ra (pc) always are at first */
};

/* CFI that is in no object of ld.so: a loaded patch (a plain .eh_frame section, relocated). */
struct lp_unwind_extra {
	uint64_t text_lo, text_hi;
	uint64_t eh_frame_addr;
	size_t eh_frame_size;
};

struct lp_unwind_space {
	const struct lp_object *objects;
	size_t n_objects;
	const struct lp_unwind_extra *extra;
	size_t n_extra;
	/* reads memory of the snapshot or of the process; 0 or -EFAULT */
	int (*read)(void *context, uint64_t addr, void *bytes, size_t size);
	void *context;
};

/* Called for every frame with its pc (innermost first; for callers the return address). Returning
 * true stops the walk. */
typedef bool (*lp_unwind_frame)(void *context, uint64_t pc);

/*
 * Walks the frames. last: the highest address at which the caller wants to know whether a return
 * address is there; LP_UNWIND_ALL: to the outermost frame. 0: the walk was complete: it ended at a
 * frame whose CFI marks the return address as undefined (the outermost: _start, clone's child), or
 * at one whose own stack begins above `last`, no signal frame having been passed. 1: the callback
 * stopped it. -ENODATA: in doubt.
 */
#define LP_UNWIND_ALL UINT64_MAX
int lp_unwind_walk(const struct lp_unwind_space *space, const struct lp_registers *registers,
		   uint64_t last, lp_unwind_frame frame, void *frame_context);

#endif
