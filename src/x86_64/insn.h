/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * insn.h - the few instructions that Suture itself writes. Freestanding.
 */
#ifndef LP_X86_64_INSN_H
#define LP_X86_64_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LP_JMP_SIZE 5 /* jmp rel32 */
#define LP_JMP8_SIZE 2 /* jmp rel8 */
#define LP_JMP_SLOT_SIZE 6 /* jmp *slot(%rip) */

/* Whether a rel32 / rel8 that ends at from_end reaches to. */
bool lp_insn_reaches32(uint64_t from_end, uint64_t to);
bool lp_insn_reaches8(uint64_t from_end, uint64_t to);

/* jmp rel32 at `at` to `to`; bytes has room for 5. The caller has checked that it reaches. */
void lp_insn_jmp32(uint8_t *bytes, uint64_t at, uint64_t to);
/* jmp rel8 at `at` to `to`; room for 2 */
void lp_insn_jmp8(uint8_t *bytes, uint64_t at, uint64_t to);

/* jmp *slot(%rip) at `at`, through the pointer at slot_addr; room for 6 */
void lp_insn_jmp_slot(uint8_t *bytes, uint64_t at, uint64_t slot_addr);

#endif
