/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unwind_call.h"

#define MAX_CALL 7 /* bytes, prefixes not counted */
#define PAGE_BYTES 4096
#define CALL_REL32 0xe8
#define CALL_REL32_SIZE 5
#define GROUP5 0xff /* with 2 in the middle of its ModRM byte: call through register or memory */

/* Size of a call of group 5 by its ModRM and SIB byte. */
static size_t group5_size(uint8_t modrm, uint8_t sib)
{
	uint8_t mod = modrm >> 6, rm = modrm & 7;
	bool has_sib = mod != 3 && rm == 4;
	size_t size = has_sib ? 3 : 2;

	if (mod == 1)
		return size + 1;
	if (mod == 2 || (mod == 0 && (rm == 5 || (has_sib && (sib & 7) == 5))))
		return size + 4;
	return size;
}

static bool group5_at(const uint8_t *code, size_t size)
{
	return code[0] == GROUP5 && (code[1] >> 3 & 7) == 2 &&
	       group5_size(code[1], size > 2 ? code[2] : 0) == size;
}

bool lp_unwind_call_before(struct lp_unwind_memory *memory, uint64_t addr)
{
	uint8_t code[MAX_CALL];
	size_t size = sizeof(code);

	if (lp_unwind_memory_read(memory, addr - size, code, size) != 0) {
		/* the page before may be nobody's */
		size = addr % PAGE_BYTES;
		if (size >= sizeof(code) ||
		    lp_unwind_memory_read(memory, addr - size, code, size) != 0)
			return false;
	}
	if (size >= CALL_REL32_SIZE && code[size - CALL_REL32_SIZE] == CALL_REL32)
		return true;
	for (size_t n = 2; n <= size; n++) {
		if (group5_at(code + size - n, n))
			return true;
	}
	return false;
}
