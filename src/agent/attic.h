/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attic.h - the data of patches that are out. Something of the program may still point to it: a string that
 * a patched function returned, say. No look at stacks can tell, so it stays until the agent goes, or
 * until there is too much of it. Agent's thread only.
 */
#ifndef LP_AGENT_ATTIC_H
#define LP_AGENT_ATTIC_H

#include <stddef.h>
#include <stdint.h>

#define LP_ATTIC_MAX (16u << 20) /* bytes; then the oldest are unmapped */

/* Takes over a mapping. Without memory to note it, it is unmapped. size 0: nothing. */
void lp_attic_keep(uint64_t addr, size_t size);
/* Unmaps all. */
void lp_attic_deinit(void);

#endif
