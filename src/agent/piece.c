/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "piece.h"

#include <errno.h>
#include <string.h>

#include "near.h"
#include "object.h"

int lp_piece_find(const struct lp_piece *piece)
{
	uint8_t now[sizeof(piece->own)];
	int r = lp_peek(piece->addr, now, piece->size);

	if (r == -EFAULT && lp_near_is_free(piece->addr))
		return -ENXIO;
	if (r < 0)
		return r;
	if (memcmp(now, piece->own, piece->size) == 0)
		return 1;
	return memcmp(now, piece->original, piece->size) == 0 ? 0 : -EUCLEAN;
}

void lp_piece_mask(const struct lp_piece *piece, uint64_t addr, uint8_t *bytes, uint64_t size)
{
	uint64_t lo = piece->addr > addr ? piece->addr : addr, hi = piece->addr + piece->size;

	if (hi > addr + size)
		hi = addr + size;
	if (lo < hi && memcmp(bytes + (lo - addr), piece->own + (lo - piece->addr), hi - lo) == 0)
		memcpy(bytes + (lo - addr), piece->original + (lo - piece->addr), hi - lo);
}
