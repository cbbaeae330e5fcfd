/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <Zydis/Zydis.h>
#include <stdio.h>
#include <string.h>

#include "decode.h"

static void decoder_init(ZydisDecoder *decoder)
{
	ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
}

/* xchg %ax,%ax (66 90) is a nop that Zydis names by its operation. */
static bool is_nop(const ZydisDecodedInstruction *in, const uint8_t *bytes)
{
	if (in->mnemonic == ZYDIS_MNEMONIC_NOP)
		return true;
	return in->length == 2 && bytes[0] == 0x66 && bytes[1] == 0x90;
}

static bool is_push_reg64(const ZydisDecodedInstruction *in)
{
	return in->mnemonic == ZYDIS_MNEMONIC_PUSH && in->opcode >= 0x50 && in->opcode <= 0x57 &&
	       in->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && in->operand_width == 64;
}

/*
 * syscall and its kin: a system call is restarted by going back over the instruction, in the
 * place where it was made; xbegin, loop, jrcxz: no form with a rel32 that does the same.
 */
static bool is_fixed(const ZydisDecodedInstruction *in)
{
	switch (in->mnemonic) {
	case ZYDIS_MNEMONIC_SYSCALL:
	case ZYDIS_MNEMONIC_SYSENTER:
	case ZYDIS_MNEMONIC_INT:
	case ZYDIS_MNEMONIC_INT1:
	case ZYDIS_MNEMONIC_INT3:
	case ZYDIS_MNEMONIC_XBEGIN:
	case ZYDIS_MNEMONIC_LOOP:
	case ZYDIS_MNEMONIC_LOOPE:
	case ZYDIS_MNEMONIC_LOOPNE:
	case ZYDIS_MNEMONIC_JCXZ:
	case ZYDIS_MNEMONIC_JECXZ:
	case ZYDIS_MNEMONIC_JRCXZ:
		return true;
	default:
		return false;
	}
}

static bool is_stop(const ZydisDecodedInstruction *in)
{
	switch (in->mnemonic) {
	case ZYDIS_MNEMONIC_RET:
	case ZYDIS_MNEMONIC_JMP:
	case ZYDIS_MNEMONIC_UD0:
	case ZYDIS_MNEMONIC_UD1:
	case ZYDIS_MNEMONIC_UD2:
	case ZYDIS_MNEMONIC_HLT:
	case ZYDIS_MNEMONIC_IRETQ:
		return true;
	default:
		return false;
	}
}

static uint16_t flags_of(const ZydisDecodedInstruction *in, const uint8_t *bytes)
{
	uint16_t flags = 0;

	flags |= in->mnemonic == ZYDIS_MNEMONIC_ENDBR64 ? LP_INSN_ENDBR : 0;
	flags |= is_nop(in, bytes) ? LP_INSN_NOP : 0;
	flags |= in->mnemonic == ZYDIS_MNEMONIC_INT3 ? LP_INSN_INT3 : 0;
	flags |= is_push_reg64(in) ? LP_INSN_PUSH : 0;
	flags |= in->mnemonic == ZYDIS_MNEMONIC_CALL ? LP_INSN_CALL : 0;
	flags |= in->mnemonic == ZYDIS_MNEMONIC_JMP ? LP_INSN_JMP : 0;
	flags |= in->meta.category == ZYDIS_CATEGORY_COND_BR ? LP_INSN_JCC : 0;
	flags |= is_stop(in) ? LP_INSN_STOP : 0;
	flags |= is_fixed(in) ? LP_INSN_FIXED : 0;
	return flags;
}

static void set_target(struct lp_insn *insn, const ZydisDecodedInstruction *in)
{
	uint64_t end = insn->addr + insn->size;

	if (in->raw.imm[0].is_relative) {
		insn->flags |= LP_INSN_DIRECT;
		insn->field = in->raw.imm[0].offset;
		insn->field_size = in->raw.imm[0].size / 8;
		insn->target = end + (uint64_t)in->raw.imm[0].value.s;
	} else if ((in->attributes & ZYDIS_ATTRIB_HAS_MODRM) && in->raw.modrm.mod == 0 &&
		   in->raw.modrm.rm == 5 && in->raw.disp.size == 32) {
		insn->flags |= LP_INSN_RIP;
		insn->field = in->raw.disp.offset;
		insn->field_size = 4;
		insn->target = end + (uint64_t)in->raw.disp.value;
		if (in->address_width != 64)
			insn->flags |= LP_INSN_FIXED; /* [eip + disp32] */
	}
}

bool lp_decode(const uint8_t *bytes, size_t size, uint64_t addr, struct lp_insn *insn)
{
	ZydisDecodedInstruction in;
	ZydisDecoder decoder;

	decoder_init(&decoder);
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, bytes, size, &in)))
		return false;
	*insn = (struct lp_insn){ .addr = addr, .size = in.length, .flags = flags_of(&in, bytes) };
	set_target(insn, &in);
	return true;
}

static uint32_t register_bit(ZydisRegister reg, bool *wide)
{
	ZydisRegister large = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
	ZydisRegisterClass class = ZydisRegisterGetClass(reg);

	if (class == ZYDIS_REGCLASS_YMM || class == ZYDIS_REGCLASS_ZMM ||
	    class == ZYDIS_REGCLASS_MASK || class == ZYDIS_REGCLASS_TMM)
		*wide = true;
	if (large >= ZYDIS_REGISTER_RAX && large <= ZYDIS_REGISTER_R15)
		return LP_REG(large - ZYDIS_REGISTER_RAX);
	if (large >= ZYDIS_REGISTER_ZMM0 && large <= ZYDIS_REGISTER_ZMM15)
		return LP_XMM(large - ZYDIS_REGISTER_ZMM0);
	if (large > ZYDIS_REGISTER_ZMM15 && large <= ZYDIS_REGISTER_ZMM31)
		*wide = true;
	return 0;
}

static bool is_vector_wide(const ZydisDecodedInstruction *in)
{
	return in->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX ||
	       in->encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX;
}

bool lp_decode_regs(const uint8_t *bytes, size_t size, struct lp_insn_regs *regs)
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction in;
	ZydisDecoder decoder;

	decoder_init(&decoder);
	*regs = (struct lp_insn_regs){ 0 };
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, size, &in, operands)))
		return false;
	for (int i = 0; i < in.operand_count; i++) {
		uint32_t bit;

		if (operands[i].type != ZYDIS_OPERAND_TYPE_REGISTER)
			continue;
		bit = register_bit(operands[i].reg.value, &regs->wide);
		/* vzeroupper and 128-bit VEX forms clear the upper halves */
		regs->wide |= bit >> 16 && is_vector_wide(&in);
		if (operands[i].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
			regs->written |= bit & LP_CALLER_SAVED;
		if (in.mnemonic == ZYDIS_MNEMONIC_PUSH && i == 0)
			regs->pushed |= bit & LP_CALLER_SAVED;
		if (in.mnemonic == ZYDIS_MNEMONIC_POP && i == 0)
			regs->popped |= bit & LP_CALLER_SAVED;
	}
	return true;
}

void lp_decode_text(const uint8_t *bytes, size_t size, uint64_t addr, char *text, size_t room)
{
	ZydisDisassembledInstruction in;

	if (ZYAN_SUCCESS(ZydisDisassembleIntel(ZYDIS_MACHINE_MODE_LONG_64, addr, bytes, size, &in)))
		snprintf(text, room, "%s", in.text);
	else
		snprintf(text, room, "bytes that are no instruction");
}
