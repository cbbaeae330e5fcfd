/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stub.h"

/* little-endian stores into code under construction */
static uint8_t *put8(uint8_t *p, uint8_t value)
{
	*p = value;
	return p + 1;
}

static uint8_t *put32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p = put8(p, (uint8_t)(value >> (8 * i)));
	return p;
}

static void put64(uint8_t *p, uint64_t value)
{
	put32(p, (uint32_t)value);
	put32(p + 4, (uint32_t)(value >> 32));
}

/* opcode FF /4 (jmp) or FF /2 (call) through a pointer at to; `at` is the address of *p */
static uint8_t *through_pointer(uint8_t *p, uint64_t at, uint8_t modrm, uint64_t to)
{
	p = put8(p, 0xff);
	p = put8(p, modrm);
	return put32(p, (uint32_t)(to - (at + 6)));
}

/* cmpl $value, %fs:offset; jne over the jmp that follows */
static uint8_t *unless_word_is(uint8_t *p, int32_t offset, uint32_t value)
{
	p = put8(p, 0x64);
	p = put8(p, 0x81);
	p = put8(p, 0x3c);
	p = put8(p, 0x25);
	p = put32(p, (uint32_t)offset);
	p = put32(p, value);
	p = put8(p, 0x75);
	return put8(p, 6);
}

#define MODRM_JMP 0x25
#define MODRM_CALL 0x15

size_t lp_stub_entry(uint8_t *bytes, uint64_t at, unsigned int undo, uint64_t slot_addr)
{
	uint8_t *p = bytes;

	if (undo) { /* lea undo(%rsp), %rsp: keeps the flags too */
		p = put8(p, 0x48);
		p = put8(p, 0x8d);
		p = put8(p, 0x64);
		p = put8(p, 0x24);
		p = put8(p, (uint8_t)undo);
	}
	p = through_pointer(p, at + (uint64_t)(p - bytes), MODRM_JMP, slot_addr);
	return (size_t)(p - bytes);
}

/*
 * Pointers follow the code, so that the versions may be anywhere:
 *	 0  cmpl $patched, %fs:word; jne 20; jmp *next
 *	20  cmpl $unpatched, %fs:word; jne 40; jmp *current
 *	40  call *slow; ja 62; je 56; jmp *current
 *	56  jmp *next
 *	62  jmp *slot
 *	72  next, current, slow
 */
enum { AT_UNPATCHED = 20, AT_SLOW = 40, AT_NEXT = 56, AT_SLOT = 62, AT_POINTERS = 72 };
_Static_assert(AT_SLOW + 6 == LP_STUB_RETURN, "where the call of the slow path returns to");

static uint8_t *branch(uint8_t *p, uint8_t opcode, int from_end, int to)
{
	p = put8(p, opcode);
	return put8(p, (uint8_t)(to - from_end));
}

void lp_stub_transition(uint8_t *bytes, uint64_t at, const struct lp_transition_stub *stub)
{
	const uint64_t next = at + AT_POINTERS, current = next + 8, slow = next + 16;
	uint8_t *p = bytes;

	p = unless_word_is(p, stub->word_offset, stub->patched);
	p = through_pointer(p, at + 14, MODRM_JMP, next);
	p = unless_word_is(p, stub->word_offset, stub->unpatched);
	p = through_pointer(p, at + AT_UNPATCHED + 14, MODRM_JMP, current);
	p = through_pointer(p, at + AT_SLOW, MODRM_CALL, slow);
	p = branch(p, 0x77, 48, AT_SLOT); /* ja */
	p = branch(p, 0x74, 50, AT_NEXT); /* je */
	p = through_pointer(p, at + 50, MODRM_JMP, current);
	p = through_pointer(p, at + AT_NEXT, MODRM_JMP, next);
	p = through_pointer(p, at + AT_SLOT, MODRM_JMP, stub->slot_addr);
	while (p < bytes + AT_POINTERS)
		p = put8(p, 0xcc);
	put64(bytes + AT_POINTERS, stub->next_addr);
	put64(bytes + AT_POINTERS + 8, stub->current_addr);
	put64(bytes + AT_POINTERS + 16, stub->slow_addr);
}
