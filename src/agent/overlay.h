/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * overlay.h - writing into a page of code where the program may not have it writable and
 * executable, not even for a moment (systemd's MemoryDenyWriteExecute, PR_SET_MDWE).
 *
 * The page is replaced by a copy in a memfd, mapped readable and executable over it. The page's own
 * mapping is kept aside, and comes back when the copy has its bytes again. Other tasks may be
 * executing in the page: each replacement is one system call, and what they fetch in the middle of it
 * waits for its end.
 *
 * After fork() the child maps the same copy, so one that is there is not written to: each change
 * has a new copy, which this process alone puts in the place of the last. Only while the page
 * is held, for changes that must not fail half-way, the copy made for that is written to in
 * place; who shares it was forked in these microseconds, and has to be led out of a closed entry too.
 * Agent's thread only.
 */
#ifndef LP_AGENT_OVERLAY_H
#define LP_AGENT_OVERLAY_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the page of addr has a copy; the functions below, but lp_overlay_create(), need one. */
bool lp_overlay_has(uint64_t addr);
/* Makes the copy. 0 or a negative errno; then nothing has changed. */
int lp_overlay_create(uint64_t addr);
/* Stores 8 aligned bytes. 0 or a negative errno; then nothing has changed; never fails while held. */
int lp_overlay_store(uint64_t addr, uint64_t value);
/* A new copy, written in place until lp_overlay_settle(). 0 or a negative errno. */
int lp_overlay_hold(uint64_t addr);
/* Held no more; brings the page's own mapping back if the copy is the same, byte for byte. */
void lp_overlay_settle(uint64_t addr);

#endif
