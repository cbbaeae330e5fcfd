/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "insn.h"

bool lp_insn_reaches32(uint64_t from_end, uint64_t to)
{
	int64_t distance = (int64_t)(to - from_end);

	return distance >= INT32_MIN && distance <= INT32_MAX;
}

bool lp_insn_reaches8(uint64_t from_end, uint64_t to)
{
	int64_t distance = (int64_t)(to - from_end);

	return distance >= INT8_MIN && distance <= INT8_MAX;
}

void lp_insn_jmp32(uint8_t *bytes, uint64_t at, uint64_t to)
{
	uint32_t distance = (uint32_t)(to - (at + LP_JMP_SIZE));

	bytes[0] = 0xe9;
	bytes[1] = (uint8_t)distance;
	bytes[2] = (uint8_t)(distance >> 8);
	bytes[3] = (uint8_t)(distance >> 16);
	bytes[4] = (uint8_t)(distance >> 24);
}

void lp_insn_jmp8(uint8_t *bytes, uint64_t at, uint64_t to)
{
	bytes[0] = 0xeb;
	bytes[1] = (uint8_t)(to - (at + LP_JMP8_SIZE));
}

void lp_insn_jmp_slot(uint8_t *bytes, uint64_t at, uint64_t slot_addr)
{
	lp_insn_jmp32(bytes + 1, at + 1, slot_addr);
	bytes[0] = 0xff;
	bytes[1] = 0x25;
}
