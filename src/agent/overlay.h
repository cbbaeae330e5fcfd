/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * overlay.h - writing into a page of code where the program may not have it writable and
 * executable, not even for a moment (systemd's MemoryDenyWriteExecute, PR_SET_MDWE).
 *
 * The page is replaced by a copy in a memfd, mapped readable and executable over it and writable
 * elsewhere. The page's own mapping is kept aside, and comes back when the copy has its bytes again.
 * Other tasks may be executing in the page: each replacement is one system call, and what they
 * fetch in the middle of it waits for its end. Agent's thread only.
 */
#ifndef LP_AGENT_OVERLAY_H
#define LP_AGENT_OVERLAY_H

#include <stdint.h>

/* Where to write to what is executed at addr, once its page has a copy: NULL if it has none. */
uint64_t *lp_overlay_find(uint64_t addr);
/* Makes the copy. 0 or a negative errno; then nothing has changed. */
int lp_overlay_create(uint64_t addr);
/* Brings the page's own mapping back if the copy is the same, byte for byte. */
void lp_overlay_settle(uint64_t addr);

#endif
