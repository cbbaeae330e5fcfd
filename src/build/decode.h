/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * decode.h - what the builder needs to know of one x86-64 instruction. The decoder is Zydis.
 */
#ifndef LP_BUILD_DECODE_H
#define LP_BUILD_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LP_INSN_MAX 15

enum lp_insn_flag {
	LP_INSN_ENDBR = 1 << 0,
	LP_INSN_NOP = 1 << 1,
	LP_INSN_INT3 = 1 << 2,
	LP_INSN_PUSH = 1 << 3, /* of a 64-bit register */
	LP_INSN_CALL = 1 << 4,
	LP_INSN_JMP = 1 << 5,
	LP_INSN_JCC = 1 << 6,
	LP_INSN_STOP = 1 << 7, /* never falls through */
	LP_INSN_DIRECT = 1 << 8, /* a branch to `target` */
	LP_INSN_RIP = 1 << 9, /* has an operand at [rip + disp32], which is `target` */
	LP_INSN_FIXED = 1 << 10, /* cannot run elsewhere */
};

struct lp_insn {
	uint64_t addr;
	uint64_t target; /* LP_INSN_DIRECT, LP_INSN_RIP */
	uint16_t flags; /* enum lp_insn_flag */
	uint8_t size;
	uint8_t field; /* offset of the displacement that leads to target */
	uint8_t field_size; /* its bytes */
};

/* Caller-saved registers: bits 0..15 as the hardware numbers them, 16..31 xmm0..15. */
#define LP_REG(number) (1u << (number))
#define LP_XMM(number) (1u << (16 + (number)))
#define LP_REG_RAX LP_REG(0)
#define LP_REG_RCX LP_REG(1)
#define LP_REG_RDX LP_REG(2)
#define LP_REG_RSI LP_REG(6)
#define LP_REG_RDI LP_REG(7)
#define LP_CALLER_SAVED                                                                            \
	(0xffff0000u | LP_REG_RAX | LP_REG_RCX | LP_REG_RDX | LP_REG_RSI | LP_REG_RDI |            \
	 LP_REG(8) | LP_REG(9) | LP_REG(10) | LP_REG(11))

struct lp_insn_regs {
	uint32_t written; /* LP_REG(), LP_XMM() */
	uint32_t pushed; /* the register of a push */
	uint32_t popped; /* the register of a pop; also in written */
	bool wide; /* touches registers beyond xmm0..15: ymm, zmm, mask registers, xmm16..31 */
};

/* The instruction at bytes, which lie at addr. False: none that can be decoded in `size` bytes. */
bool lp_decode(const uint8_t *bytes, size_t size, uint64_t addr, struct lp_insn *insn);

/* The registers it changes. False as above. */
bool lp_decode_regs(const uint8_t *bytes, size_t size, struct lp_insn_regs *regs);

/* Its text in Intel syntax, for messages; text has room for `room` bytes. */
void lp_decode_text(const uint8_t *bytes, size_t size, uint64_t addr, char *text, size_t room);

#endif
