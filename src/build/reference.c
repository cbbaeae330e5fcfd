/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reference.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"

static bool starts_with(const char *name, const char *start)
{
	return !strncmp(name, start, strlen(start));
}

bool lp_section_is_code(const struct lp_section *section)
{
	return (section->flags & SHF_ALLOC) && (section->flags & SHF_EXECINSTR);
}

bool lp_section_is_merged(const struct lp_section *section)
{
	return (section->flags & SHF_ALLOC) && (section->flags & SHF_MERGE) && section->entsize &&
	       !section->n_relocs;
}

bool lp_section_is_const(const struct lp_section *section)
{
	return !(section->flags & SHF_WRITE) || starts_with(section->name, ".data.rel.ro");
}

bool lp_section_is_program(const struct lp_section *section)
{
	return (section->flags & SHF_ALLOC) &&
	       (section->type == SHT_PROGBITS || section->type == SHT_NOBITS) &&
	       !starts_with(section->name, ".note") && strcmp(section->name, ".eh_frame") != 0 &&
	       !starts_with(section->name, ".gcc_except_table") &&
	       /* where tracers find the entries of functions: of no use in the patch */
	       strcmp(section->name, "__patchable_function_entries") != 0 &&
	       strcmp(section->name, "__mcount_loc") != 0;
}

static bool is_relative(uint32_t type)
{
	switch (type) {
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
	case R_X86_64_PC64:
	case R_X86_64_GOTPCREL:
	case R_X86_64_GOTPCRELX:
	case R_X86_64_REX_GOTPCRELX:
	case R_X86_64_GOTTPOFF:
	case R_X86_64_TLSGD:
	case R_X86_64_TLSLD:
	case R_X86_64_GOTPC32_TLSDESC:
	case R_X86_64_GOTPC32:
		return true;
	default:
		return false;
	}
}

static void resolve(const struct lp_relobj *obj, struct lp_reference *reference)
{
	const struct lp_symbol *symbol = &obj->symbols[reference->reloc->symbol];

	reference->offset = reference->reloc->addend;
	if (is_relative(reference->reloc->type))
		reference->offset += reference->end;
	if (symbol->section == SHN_UNDEF || symbol->section >= obj->n_sections)
		return;
	reference->section = symbol->section;
	reference->offset += (int64_t)symbol->value;
	/* as linkers have it: what a symbol names is moved as one, and the addend counts from there */
	reference->piece = symbol->type == STT_SECTION ? reference->offset : (int64_t)symbol->value;
}

/* Which instruction each relocation of a section of code belongs to. */
static void place(const struct lp_section *section, struct lp_reference *references)
{
	uint64_t at = 0;

	for (size_t i = 0; i < section->n_relocs;) {
		uint64_t offset = section->relocs[i].offset;
		struct lp_insn insn;

		if (!lp_decode(section->bytes + at, section->size - at, at, &insn)) {
			at++; /* data between the code: what follows is found again soon */
			insn.size = 0;
		}
		if (insn.size && offset >= at && offset < at + insn.size) {
			references[i].insn = (uint8_t)(offset - at);
			references[i].end = (uint8_t)(at + insn.size - offset);
			references[i].branch = (insn.flags & LP_INSN_DIRECT) &&
					       at + insn.field == offset;
			i++;
			continue; /* the same instruction may have another one */
		}
		if (offset < at) {
			references[i++].end = 4;
			continue;
		}
		at += insn.size;
	}
}

int lp_references_open(struct lp_references *references, const struct lp_relobj *obj)
{
	references->obj = obj;
	references->of = calloc(obj->n_sections + 1u, sizeof(*references->of));
	if (!references->of)
		return -ENOMEM;
	for (uint32_t i = 1; i < obj->n_sections; i++) {
		const struct lp_section *section = &obj->sections[i];

		if (!section->n_relocs || !(section->flags & SHF_ALLOC))
			continue;
		references->of[i] = calloc(section->n_relocs, sizeof(**references->of));
		if (!references->of[i])
			return -ENOMEM;
		if (lp_section_is_code(section))
			place(section, references->of[i]);
		for (size_t k = 0; k < section->n_relocs; k++) {
			references->of[i][k].reloc = &section->relocs[k];
			resolve(obj, &references->of[i][k]);
		}
	}
	return 0;
}

void lp_references_close(struct lp_references *references)
{
	for (uint32_t i = 1; references->of && i < references->obj->n_sections; i++)
		free(references->of[i]);
	free(references->of);
	references->of = NULL;
}

static size_t string_bytes(const struct lp_section *section, uint64_t offset)
{
	static const uint8_t zeros[8];
	uint64_t at = offset;

	if (section->entsize > sizeof(zeros))
		return section->size - offset;
	while (at + section->entsize <= section->size &&
	       memcmp(section->bytes + at, zeros, section->entsize))
		at += section->entsize;
	return at - offset;
}

static size_t constant_bytes(const struct lp_section *section, uint64_t offset)
{
	uint64_t left = section->entsize - offset % section->entsize;

	return left < section->size - offset ? left : section->size - offset;
}

static size_t merged_bytes(const struct lp_section *section, uint64_t offset)
{
	return section->flags & SHF_STRINGS ? string_bytes(section, offset) :
					      constant_bytes(section, offset);
}

bool lp_merged_equal(const struct lp_section *a, int64_t a_offset, const struct lp_section *b,
		     int64_t b_offset)
{
	size_t size;

	if (a_offset < 0 || b_offset < 0 || (uint64_t)a_offset >= a->size ||
	    (uint64_t)b_offset >= b->size || a->entsize != b->entsize || !a->bytes || !b->bytes ||
	    (a->flags & SHF_STRINGS) != (b->flags & SHF_STRINGS))
		return false;
	size = merged_bytes(a, (uint64_t)a_offset);
	return size == merged_bytes(b, (uint64_t)b_offset) &&
	       !memcmp(a->bytes + a_offset, b->bytes + b_offset, size);
}
