/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * piece.h - a few bytes of code that a gate has changed: what was there, and what it put there.
 * Agent's thread only.
 */
#ifndef LP_AGENT_PIECE_H
#define LP_AGENT_PIECE_H

#include <stddef.h>
#include <stdint.h>

#include "../x86_64/insn.h"

struct lp_piece {
	uint64_t addr;
	const uint8_t *original; /* borrowed */
	uint8_t own[LP_JMP_SLOT_SIZE];
	size_t size;
};

/*
 * What memory holds now. 1: ours; 0: the original; -EUCLEAN: neither; -ENXIO: nothing is mapped there;
 * or another negative errno: it could not be read.
 */
int lp_piece_find(const struct lp_piece *piece);
/* Original instead of own in `bytes`, read at addr; unless there is anything else. */
void lp_piece_mask(const struct lp_piece *piece, uint64_t addr, uint8_t *bytes, uint64_t size);

#endif
