/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reloc.h - the relocation types that a .lp may use, and how their fields are written.
 * Freestanding. Source: System V ABI, AMD64 supplement, "Relocation Types"; ELF Handling For
 * Thread-Local Storage.
 */
#ifndef LP_X86_64_RELOC_H
#define LP_X86_64_RELOC_H

#include <stdbool.h>
#include <stdint.h>

/* What the field refers to. */
enum lp_reloc_target {
	LP_RELOC_NOTHING,
	LP_RELOC_SYMBOL, /* the symbol's address */
	LP_RELOC_CALL, /* the symbol's address, or a PLT stub that leads there */
	LP_RELOC_GOT, /* a slot that holds the symbol's address */
	LP_RELOC_TLS_GD, /* two slots: module, offset in the module */
	LP_RELOC_TLS_LD, /* two slots: module, 0 */
	LP_RELOC_TLS_OFFSET, /* the symbol's offset in its module */
	LP_RELOC_GOT_TP, /* a slot that holds the symbol's offset from the thread pointer */
	LP_RELOC_TP, /* the symbol's offset from the thread pointer */
};

struct lp_reloc {
	uint8_t target; /* enum lp_reloc_target */
	uint8_t width; /* bytes of the field: 0, 4 or 8 */
	bool relative; /* to the field's own address */
	bool is_unsigned; /* the field is zero-extended */
};

/* NULL: a type that is not supported */
const struct lp_reloc *lp_reloc_find(uint32_t type);

/* Whether the type is about a thread-local symbol. */
bool lp_reloc_is_tls(const struct lp_reloc *reloc);

/*
 * Writes target + addend (less place, if relative) into the field. `place` is the address the field
 * will have. false: the value does not fit; the field is unchanged.
 */
bool lp_reloc_write(const struct lp_reloc *reloc, uint8_t *field, uint64_t place, uint64_t target,
		    int64_t addend);

#endif
