/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stale.h - what a client that was killed midway has left. Used by src/inject only. */
#ifndef LP_INJECT_STALE_H
#define LP_INJECT_STALE_H

#include "target.h"

/*
 * A region (boot.h) whose thread has come to its end without a client to unmap it. 0 with its
 * address and size, or -ENOENT.
 */
int lp_stale_find(const struct lp_target *target, uint64_t *addr, uint64_t *size);

#endif
