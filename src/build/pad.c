/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Padding that takes the long jump of a function whose first instruction has room for a short one
 * only.
 */
#include <stdlib.h>

#include "../x86_64/insn.h"
#include "entry.h"

static bool in_one_block(uint64_t addr, uint64_t size)
{
	return addr / 8 == (addr + size - 1) / 8;
}

/*
 * Smaller is better. Padding right in front of a function is nobody else's first choice, so that
 * patches made apart from each other do not ask for the same bytes. Padding within one aligned block
 * can be written by one store.
 */
static uint64_t slot_rank(uint64_t slot, unsigned int size, uint64_t gap_end, uint64_t function,
			  uint64_t jump)
{
	uint64_t distance = slot > jump ? slot - jump : jump - slot;

	return (gap_end == function ? 0 : 2000) + (in_one_block(slot, size) ? 0 : 1000) + distance;
}

/*
 * Where padding begins that is nobody's window. A function shorter than this may be redirected, by
 * this patch or another, with a jump that ends in the padding behind it: up to 4 bytes of it.
 */
static uint64_t free_start(const struct lp_gap *gap)
{
	bool window_may_reach = gap->addr - gap->owner < LP_ENTRY_JUMP_OFFSET_MAX + LP_JMP_SIZE;

	return gap->addr + (window_may_reach ? LP_JMP_SIZE - 1 : 0);
}

uint64_t lp_entry_find_pad(const struct lp_entry_job *job, uint64_t jump, unsigned int size)
{
	const struct lp_code *code = job->code;
	uint64_t best = 0, best_rank = UINT64_MAX, low = jump > 1024 ? jump - 1024 : 0;

	for (size_t i = lp_code_gap_index(code, low); i < code->n_gaps; i++) {
		const struct lp_gap *gap = &code->gaps[i];

		if (gap->addr > jump + 256)
			break;
		for (uint64_t slot = free_start(gap); slot + size <= gap->end; slot++) {
			uint64_t rank = slot_rank(slot, size, gap->end, job->function->addr, jump);

			if (rank >= best_rank || !lp_insn_reaches8(jump + LP_JMP8_SIZE, slot) ||
			    lp_claims_overlap(job->claims, slot, size))
				continue;
			best = slot;
			best_rank = rank;
		}
	}
	return best;
}
