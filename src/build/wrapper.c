/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wrapper.h"

/* Code and, step by step with it, the unwind rule "CFA = rsp + cfa". */
struct code {
	struct lp_buffer bytes;
	struct lp_buffer cfi;
	size_t cfi_at; /* where the last rule begins */
	uint32_t cfa;
};

static void emit(struct code *code, const char *bytes, size_t size)
{
	lp_buffer_add(&code->bytes, bytes, size);
}

static void emit_byte(struct code *code, unsigned int byte)
{
	uint8_t b = (uint8_t)byte;

	lp_buffer_add(&code->bytes, &b, 1);
}

static void emit_u32(struct code *code, uint32_t value)
{
	lp_buffer_add(&code->bytes, &value, sizeof(value));
}

static void cfi_byte(struct code *code, unsigned int byte)
{
	uint8_t b = (uint8_t)byte;

	lp_buffer_add(&code->cfi, &b, 1);
}

/* After an instruction that moved the stack pointer down (up: negative) by so many bytes. */
static void moved_stack(struct code *code, int32_t by)
{
	size_t advance = code->bytes.size - code->cfi_at;
	uint32_t cfa;

	code->cfa += (uint32_t)by;
	code->cfi_at = code->bytes.size;
	cfi_byte(code, 0x03); /* DW_CFA_advance_loc2 */
	cfi_byte(code, advance & 0xff);
	cfi_byte(code, advance >> 8);
	cfi_byte(code, 0x0e); /* DW_CFA_def_cfa_offset, ULEB128 */
	for (cfa = code->cfa; cfa >= 0x80; cfa >>= 7)
		cfi_byte(code, 0x80 | (cfa & 0x7f));
	cfi_byte(code, cfa);
}

static void emit_push(struct code *code, unsigned int reg)
{
	if (reg >= 8)
		emit_byte(code, 0x41);
	emit_byte(code, 0x50 | (reg & 7));
	moved_stack(code, 8);
}

static void emit_pop(struct code *code, unsigned int reg)
{
	if (reg >= 8)
		emit_byte(code, 0x41);
	emit_byte(code, 0x58 | (reg & 7));
	moved_stack(code, -8);
}

/* lea, not sub and add: it leaves the flags alone */
static void emit_stack(struct code *code, int32_t down)
{
	if (!down)
		return;
	emit(code, "\x48\x8d\xa4\x24", 4);
	emit_u32(code, (uint32_t)-down);
	moved_stack(code, down);
}

/* movups between xmm<reg> and [rsp + offset] */
static void emit_movups(struct code *code, bool load, unsigned int reg, uint32_t offset)
{
	if (reg >= 8)
		emit_byte(code, 0x44);
	emit_byte(code, 0x0f);
	emit_byte(code, load ? 0x10 : 0x11);
	emit_byte(code, 0x84 | (reg & 7) << 3);
	emit_byte(code, 0x24);
	emit_u32(code, offset);
}

static void emit_vectors(struct code *code, bool load, uint32_t registers)
{
	uint32_t offset = 0;

	for (unsigned int i = 0; i < 16; i++)
		if (registers & LP_XMM(i)) {
			emit_movups(code, load, i, offset);
			offset += 16;
		}
}

/* push [rsp + n] for each word, the last first: n stays the same, as rsp goes down with it. */
static void emit_arguments(struct code *code, uint32_t stack_bytes)
{
	uint32_t offset = code->cfa + stack_bytes - 8;

	for (uint32_t i = 0; i < stack_bytes / 8; i++) {
		emit(code, "\xff\xb4\x24", 3);
		emit_u32(code, offset);
		moved_stack(code, 8);
	}
}

/* Returns the offset of the call's rel32. */
static size_t emit_wrapper(struct code *code, uint32_t registers, uint32_t stack_bytes)
{
	uint32_t vectors = (uint32_t)__builtin_popcount(registers >> 16);
	uint32_t area = 16 * vectors;
	size_t call;

	code->cfa = 8; /* the return address */
	for (unsigned int i = 0; i < 16; i++)
		if (registers & LP_REG(i))
			emit_push(code, i);
	/* rsp is a multiple of 16 at a call */
	if ((code->cfa + area + stack_bytes) % 16)
		area += 8;
	emit_stack(code, (int32_t)area);
	emit_vectors(code, false, registers);
	emit_arguments(code, stack_bytes);
	emit_byte(code, 0xe8);
	call = code->bytes.size;
	emit_u32(code, 0);
	emit_stack(code, -(int32_t)stack_bytes);
	emit_vectors(code, true, registers);
	emit_stack(code, -(int32_t)area);
	for (unsigned int i = 16; i-- > 0;)
		if (registers & LP_REG(i))
			emit_pop(code, i);
	emit_byte(code, 0xc3);
	return call;
}

/* .eh_frame: one CIE and one FDE; *pc_begin is the offset of the field to be relocated. */
static void frame_make(struct lp_buffer *frame, const struct code *code, size_t *pc_begin)
{
	static const uint8_t cie[] = {
		0x14, 0,    0,	 0, /* length */
		0,    0,    0,	 0, /* a CIE */
		1,    'z',  'R', 0,
		1,    0x78, 16, /* code alignment 1, data alignment -8, return address */
		1,    0x1b, /* DW_EH_PE_pcrel | DW_EH_PE_sdata4 */
		0x0c, 7,    8, /* CFA = rsp + 8 */
		0x90, 1, /* return address at CFA - 8 */
		0,    0,
	};
	uint32_t fde[5] = { 0 };
	size_t start;

	lp_buffer_add(frame, cie, sizeof(cie));
	start = frame->size;
	fde[1] = (uint32_t)(start + 4); /* back to the CIE; this table begins with it */
	fde[3] = (uint32_t)code->bytes.size;
	*pc_begin = start + 8;
	lp_buffer_add(frame, fde, 17); /* the augmentation has no bytes */
	lp_buffer_add(frame, code->cfi.bytes, code->cfi.size);
	lp_buffer_align(frame, 8);
	fde[0] = (uint32_t)(frame->size - start - 4);
	if (!frame->failed)
		memcpy(frame->bytes + start, fde, 4);
}

static int section_add(struct lp_relobj *obj, const char *name, uint64_t flags, uint64_t align,
		       uint32_t *index)
{
	void *list = realloc(obj->sections, (obj->n_sections + 1u) * sizeof(*obj->sections));
	char *copy = strdup(name);

	if (list)
		obj->sections = list;
	if (!list || !copy) {
		free(copy);
		return -ENOMEM;
	}
	*index = obj->n_sections++;
	obj->sections[*index] = (struct lp_section){
		.name = copy, .type = SHT_PROGBITS, .flags = flags, .align = align
	};
	return 0;
}

static int section_append(struct lp_section *section, const struct lp_buffer *bytes)
{
	uint8_t *grown;

	if (bytes->failed)
		return -ENOMEM;
	grown = realloc(section->bytes, section->size + bytes->size + 1);
	if (!grown)
		return -ENOMEM;
	memcpy(grown + section->size, bytes->bytes, bytes->size);
	section->bytes = grown;
	section->size += bytes->size;
	grown[section->size] = 0;
	return 0;
}

/* Relocations are kept by offset: what is appended comes last. */
static int reloc_append(struct lp_section *section, struct lp_relocation reloc)
{
	struct lp_relocation *list = realloc(section->relocs,
					     (section->n_relocs + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	section->relocs = list;
	list[section->n_relocs++] = reloc;
	return 0;
}

static int symbol_add(struct lp_relobj *obj, struct lp_symbol symbol, uint32_t *index)
{
	void *list = realloc(obj->symbols, (obj->n_symbols + 1u) * sizeof(*obj->symbols));

	if (!list || !symbol.name) {
		if (list)
			obj->symbols = list;
		free(symbol.name);
		return -ENOMEM;
	}
	obj->symbols = list;
	*index = obj->n_symbols++;
	obj->symbols[*index] = symbol;
	return 0;
}

static char *name_of(const struct lp_relobj *obj, uint32_t function, const char *before,
		     const char *after)
{
	char *name;

	return asprintf(&name, "%s%s%s", before, obj->symbols[function].name, after) < 0 ? NULL :
											   name;
}

static int add_frame(struct lp_relobj *obj, const struct code *code, uint32_t wrapper)
{
	struct lp_section *section = lp_relobj_section(obj, ".eh_frame");
	struct lp_buffer frame = { 0 };
	size_t pc_begin, base;
	uint32_t index;
	int err = 0;

	if (!section) {
		err = section_add(obj, ".eh_frame", SHF_ALLOC, 8, &index);
		if (err)
			return err;
		section = &obj->sections[index];
	}
	base = section->size;
	frame_make(&frame, code, &pc_begin);
	err = section_append(section, &frame);
	lp_buffer_free(&frame);
	return err ? err :
		     reloc_append(section, (struct lp_relocation){ .offset = base + pc_begin,
								   .type = R_X86_64_PC32,
								   .symbol = wrapper });
}

static int add_code(struct lp_relobj *obj, const struct code *code, uint32_t function, size_t call,
		    uint32_t *wrapper)
{
	char *name = name_of(obj, function, ".text.", ".preserve");
	uint32_t index;
	int err = name ? section_add(obj, name, SHF_ALLOC | SHF_EXECINSTR, 16, &index) : -ENOMEM;

	free(name);
	err = err ? err : section_append(&obj->sections[index], &code->bytes);
	err = err ? err :
		    reloc_append(&obj->sections[index],
				 (struct lp_relocation){ .offset = call,
							 .addend = -4,
							 .type = R_X86_64_PLT32,
							 .symbol = function });
	return err ? err :
		     symbol_add(obj,
				(struct lp_symbol){ .name = name_of(obj, function, "", ".preserve"),
						    .size = code->bytes.size,
						    .section = index,
						    .object = LP_SYMBOL_NO_OBJECT,
						    .type = STT_FUNC,
						    .binding = STB_LOCAL },
				wrapper);
}

int lp_wrapper_add(struct lp_relobj *obj, uint32_t function, uint32_t registers,
		   uint32_t stack_bytes, uint32_t *wrapper)
{
	struct code code = { 0 };
	size_t call = emit_wrapper(&code, registers, stack_bytes);
	int err = code.bytes.failed || code.cfi.failed ? -ENOMEM : 0;

	err = err ? err : add_code(obj, &code, function, call, wrapper);
	err = err ? err : add_frame(obj, &code, *wrapper);
	lp_buffer_free(&code.bytes);
	lp_buffer_free(&code.cfi);
	return err;
}
