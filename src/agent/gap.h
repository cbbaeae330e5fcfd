/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gap.h - free address ranges near an object, out of the list of mappings. A gap that was found
 * may be taken by anyone a moment later. Agent's thread only.
 */
#ifndef LP_AGENT_GAP_H
#define LP_AGENT_GAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The free address nearest to [lo, hi) for `size` bytes, such that all of it and all of [lo, hi)
 * lie within 2 GiB less a margin of 64 KiB. Room to grow is left to the heap and to the stack. 0,
 * -ENOMEM (none), or another negative errno.
 */
int lp_gap_find(uint64_t lo, uint64_t hi, size_t size, uint64_t *addr);

#endif
