/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * yard.h - small pieces of code and slots near an object, for the gates of its functions.
 *
 * A yard is one run of code pages and one of data pages. Pieces are handed out once and never
 * again; the yard is unmapped when all gates on it have been buried. Agent's thread only.
 */
#ifndef LP_AGENT_YARD_H
#define LP_AGENT_YARD_H

#include <stdbool.h>

#include "near.h"

struct lp_yard {
	struct lp_yard *next;
	uint64_t lo, hi; /* the object it is near to */
	struct lp_near code, data;
	size_t code_used, data_used;
	unsigned int users;
};

/*
 * A yard near [lo, hi) with that much room, referenced once more. NULL with *error: -ENOMEM
 * (no memory near), or another negative errno.
 */
struct lp_yard *lp_yard_get(uint64_t lo, uint64_t hi, size_t code_size, size_t data_size,
			    int *error);
void lp_yard_put(struct lp_yard *yard);

/* The next piece; there is room, by lp_yard_get(). 16-aligned; offset from code.addr. */
size_t lp_yard_take_code(struct lp_yard *yard, size_t size);
uint64_t *lp_yard_take_slot(struct lp_yard *yard);

#endif
