// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reloc.h"

#include <stddef.h>

/* Numbers of the ABI; <elf.h> is not there in every host. */
enum {
	TYPE_NONE = 0,
	TYPE_64 = 1,
	TYPE_PC32 = 2,
	TYPE_PLT32 = 4,
	TYPE_GOTPCREL = 9,
	TYPE_32 = 10,
	TYPE_32S = 11,
	TYPE_DTPOFF64 = 17,
	TYPE_TLSGD = 19,
	TYPE_TLSLD = 20,
	TYPE_DTPOFF32 = 21,
	TYPE_GOTTPOFF = 22,
	TYPE_TPOFF32 = 23,
	TYPE_PC64 = 24,
	TYPE_GOTPCRELX = 41,
	TYPE_REX_GOTPCRELX = 42,
	TYPE_COUNT,
};

static const struct lp_reloc relocs[TYPE_COUNT] = {
	[TYPE_64] = { LP_RELOC_SYMBOL, 8, false, false },
	[TYPE_PC32] = { LP_RELOC_SYMBOL, 4, true, false },
	[TYPE_PLT32] = { LP_RELOC_CALL, 4, true, false },
	[TYPE_GOTPCREL] = { LP_RELOC_GOT, 4, true, false },
	[TYPE_32] = { LP_RELOC_SYMBOL, 4, false, true },
	[TYPE_32S] = { LP_RELOC_SYMBOL, 4, false, false },
	[TYPE_DTPOFF64] = { LP_RELOC_TLS_OFFSET, 8, false, false },
	[TYPE_TLSGD] = { LP_RELOC_TLS_GD, 4, true, false },
	[TYPE_TLSLD] = { LP_RELOC_TLS_LD, 4, true, false },
	[TYPE_DTPOFF32] = { LP_RELOC_TLS_OFFSET, 4, false, false },
	[TYPE_GOTTPOFF] = { LP_RELOC_GOT_TP, 4, true, false },
	[TYPE_TPOFF32] = { LP_RELOC_TP, 4, false, false },
	[TYPE_PC64] = { LP_RELOC_SYMBOL, 8, true, false },
	[TYPE_GOTPCRELX] = { LP_RELOC_GOT, 4, true, false },
	[TYPE_REX_GOTPCRELX] = { LP_RELOC_GOT, 4, true, false },
};

const struct lp_reloc *lp_reloc_find(uint32_t type)
{
	if (type >= TYPE_COUNT || (type != TYPE_NONE && !relocs[type].width))
		return NULL;
	return &relocs[type];
}

bool lp_reloc_is_tls(const struct lp_reloc *reloc)
{
	switch (reloc->target) {
	case LP_RELOC_TLS_GD:
	case LP_RELOC_TLS_LD:
	case LP_RELOC_TLS_OFFSET:
	case LP_RELOC_GOT_TP:
	case LP_RELOC_TP:
		return true;
	default:
		return false;
	}
}

bool lp_reloc_write(const struct lp_reloc *reloc, uint8_t *field, uint64_t place, uint64_t target,
		    int64_t addend)
{
	uint64_t value = target + (uint64_t)addend - (reloc->relative ? place : 0);

	if (reloc->width == 4) {
		uint64_t extended = reloc->is_unsigned ? (uint64_t)(uint32_t)value :
							 (uint64_t)(int64_t)(int32_t)value;
		if (extended != value)
			return false;
	}
	for (unsigned int i = 0; i < reloc->width; i++)
		field[i] = (uint8_t)(value >> 8 * i);
	return true;
}
