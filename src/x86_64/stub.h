/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stub.h - the two pieces of code between a redirected entry and the versions of its function.
 *
 * The entry stub (one per site, as long as the site is there) undoes what the instructions left in
 * front of the jump did to the stack pointer and goes where the slot says. The transition stub (one
 * per site and era) asks the task's word. Neither changes a register; only flags are lost, which no
 * caller keeps across a call. Freestanding; addresses are those at which the code will run.
 */
#ifndef LP_X86_64_STUB_H
#define LP_X86_64_STUB_H

#include <stddef.h>
#include <stdint.h>

#define LP_ENTRY_STUB_MAX 16
#define LP_TRANSITION_STUB_SIZE 96

/* Writes the entry stub for `at`; returns its size. slot_addr is within rel32 reach. */
size_t lp_stub_entry(uint8_t *bytes, uint64_t at, unsigned int undo, uint64_t slot_addr);

struct lp_transition_stub {
	int32_t word_offset; /* of the task's word from the fs base */
	uint32_t patched; /* word value that goes to next */
	uint32_t unpatched; /* word value that goes to current */
	uint64_t next_addr;
	uint64_t current_addr;
	/* called otherwise; keeps every register; flags say: below = current, equal = next,
	 * above = ask the slot again */
	uint64_t slow_addr;
	uint64_t slot_addr; /* within rel32 reach */
};

/* Writes LP_TRANSITION_STUB_SIZE bytes for `at` (8-aligned). */
void lp_stub_transition(uint8_t *bytes, uint64_t at, const struct lp_transition_stub *stub);

/* Where the call of slow_addr returns to, and where the value of `patched` is, in the stub. */
#define LP_STUB_RETURN 46
#define LP_STUB_PATCHED 8

/* The value of `patched` in the stub that the call of slow_addr returns to. */
static inline uint32_t lp_stub_patched(uint64_t return_addr)
{
	return *(const uint32_t *)(return_addr - LP_STUB_RETURN + LP_STUB_PATCHED);
}

#endif
