/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * text.h - writing into code that other tasks may be executing: aligned 8-byte stores, and the
 * barrier that makes every processor see them. Agent's thread only.
 */
#ifndef LP_AGENT_TEXT_H
#define LP_AGENT_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Registers for the barrier. 0 or a negative errno. */
int lp_text_init(void);

/* Whether the page may be written at all; changes nothing. 0 or a negative errno. */
int lp_text_probe(uint64_t addr);

/*
 * Keeps the page or pages of [addr, +size) writable: what is then written there does not fail for want of
 * memory. For changes that must not stop half-way. size: 1 to a page. 0, or a negative errno and
 * nothing has changed. Ended by lp_text_release() of the same range; they nest.
 */
int lp_text_hold(uint64_t addr, size_t size);
void lp_text_release(uint64_t addr, size_t size);

/*
 * Replaces `size` bytes at addr that hold `from` by `to`. They must lie in one aligned block of
 * 8 bytes; the block is written by one store. 0; -EUCLEAN: the bytes are not `from`; -EFAULT: there are none;
 * or what the kernel says of a page that may not be written or could not be read now; nothing changed
 * then. In a held page it cannot fail but with -EUCLEAN.
 */
int lp_text_replace(uint64_t addr, const uint8_t *from, const uint8_t *to, size_t size);

/* As above for bytes that no task executes or reads: in any number of stores, all of them or none. */
#define LP_TEXT_DEAD_MAX 64u
int lp_text_replace_dead(uint64_t addr, const uint8_t *from, const uint8_t *to, size_t size);

/* From here on no task executes an old byte, on any processor. */
void lp_text_barrier(void);

#endif
