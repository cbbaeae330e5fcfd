/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * eh_frame.h - .eh_frame of a patch: what the program's unwinder will read. The unwinder trusts
 * it, so it is checked before. Agent's thread only.
 */
#ifndef LP_AGENT_EH_FRAME_H
#define LP_AGENT_EH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether the records are well-formed and describe code in [text_lo, text_hi) only; bytes will lie
 * at addr. Expressions and language-specific data are not looked into. 0, -EBADMSG or -ENOMEM.
 */
int lp_eh_frame_check(const uint8_t *bytes, size_t size, uint64_t addr, uint64_t text_lo,
		      uint64_t text_hi);

/*
 * Registers it with libgcc_s, if that is loaded; a terminator follows the records. NULL: it is not,
 * or there is no memory: then exceptions cannot pass through the patch.
 */
void *lp_eh_frame_register(uint64_t addr);
void lp_eh_frame_unregister(void *registration);

#endif
