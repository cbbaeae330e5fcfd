// SPDX-License-Identifier: LGPL-2.1-or-later
/* The bytes of a patch as they will lie in memory. */
#include <errno.h>
#include <string.h>

#include "../x86_64/reloc.h"
#include "alloc.h"
#include "image_plan.h"
#include "patch_check.h"

#define SLOT 8

static uint64_t slot_addr(const struct lp_image_piece_plan *piece, uint32_t slot)
{
	return piece->addr + piece->got_offset + (uint64_t)(slot - 1) * SLOT;
}

static uint64_t stub_addr(const struct lp_image_piece_plan *piece, uint32_t stub)
{
	return piece->addr + piece->plt_offset + (uint64_t)(stub - 1) * LP_IMAGE_PLT_SIZE;
}

static void set_slot(struct lp_image_piece_plan *piece, uint32_t slot, uint64_t value)
{
	memcpy(piece->bytes + (slot_addr(piece, slot) - piece->addr), &value, sizeof(value));
}

/* Both lie in one range of less than 2 GiB: it always reaches. */
static void set_stub(struct lp_image_piece_plan *piece, uint32_t stub, uint32_t slot)
{
	uint64_t addr = stub_addr(piece, stub);
	uint32_t distance = (uint32_t)(slot_addr(piece, slot) - (addr + 6));
	uint8_t *bytes = piece->bytes + (addr - piece->addr);

	memcpy(bytes, "\xff\x25\0\0\0\0\xcc\xcc", LP_IMAGE_PLT_SIZE);
	memcpy(bytes + 2, &distance, sizeof(distance));
}

static void fill_slots(const struct lp_image_plan *plan, struct lp_image_piece_plan *piece)
{
	for (uint32_t i = 1; i < plan->file->n_symbols; i++) {
		const struct lp_image_symbol *symbol = &plan->symbols[i];
		const struct lp_image_slots *slots = &piece->slots[i];

		if (slots->got)
			set_slot(piece, slots->got, symbol->addr);
		if (slots->plt)
			set_stub(piece, slots->plt, slots->got);
		if (slots->tls_gd) {
			set_slot(piece, slots->tls_gd, symbol->module);
			set_slot(piece, slots->tls_gd + 1, symbol->addr);
		}
		if (slots->tls_ld)
			set_slot(piece, slots->tls_ld, symbol->module);
		if (slots->got_tp)
			set_slot(piece, slots->got_tp, symbol->tp_offset);
	}
}

static void copy_sections(struct lp_image_plan *plan)
{
	const struct lp_patch_file *file = plan->file;

	for (uint32_t i = 1; i < file->n_sections; i++) {
		const Elf64_Shdr *section = &file->sections[i];
		const struct lp_image_section *to = &plan->sections[i];

		if (lp_section_is_loaded(section) && section->sh_type != SHT_NOBITS)
			memcpy(plan->pieces[to->piece].bytes + to->offset,
			       file->bytes + section->sh_offset, section->sh_size);
	}
}

static uint64_t target_addr(const struct lp_image_plan *plan,
			    const struct lp_image_piece_plan *piece, const struct lp_reloc *reloc,
			    uint32_t index)
{
	const struct lp_image_symbol *symbol = &plan->symbols[index];
	const struct lp_image_slots *slots = &piece->slots[index];

	switch (reloc->target) {
	case LP_RELOC_GOT:
		return slot_addr(piece, slots->got);
	case LP_RELOC_TLS_GD:
		return slot_addr(piece, slots->tls_gd);
	case LP_RELOC_TLS_LD:
		return slot_addr(piece, slots->tls_ld);
	case LP_RELOC_GOT_TP:
		return slot_addr(piece, slots->got_tp);
	case LP_RELOC_TP:
		return symbol->tp_offset;
	default:
		return symbol->addr;
	}
}

/* The symbol of a section has no name of its own. */
static const char *name_of(const struct lp_patch_file *file, const Elf64_Sym *symbol)
{
	const char *name = file->symbol_names + symbol->st_name;

	if (*name || !symbol->st_shndx || symbol->st_shndx >= file->n_sections)
		return name;
	return file->section_names + file->sections[symbol->st_shndx].sh_name;
}

static int relocate(struct lp_image_plan *plan, uint32_t section, const Elf64_Rela *rela)
{
	const struct lp_reloc *reloc = lp_reloc_find(ELF64_R_TYPE(rela->r_info));
	struct lp_image_piece_plan *piece = &plan->pieces[plan->sections[section].piece];
	uint32_t index = ELF64_R_SYM(rela->r_info), stub = piece->slots[index].plt;
	size_t offset = plan->sections[section].offset + rela->r_offset;
	uint64_t place = piece->addr + offset;

	if (reloc->target == LP_RELOC_NOTHING ||
	    lp_reloc_write(reloc, piece->bytes + offset, place,
			   target_addr(plan, piece, reloc, index), rela->r_addend))
		return 0;
	if (stub && reloc->target == LP_RELOC_CALL &&
	    lp_reloc_write(reloc, piece->bytes + offset, place, stub_addr(piece, stub),
			   rela->r_addend))
		return 0;
	return lp_image_refuse(plan, LP_REASON_NO_MEMORY_NEAR, NULL,
			       name_of(plan->file, &plan->file->symbols[index]));
}

static int relocate_section(struct lp_image_plan *plan, const Elf64_Shdr *section)
{
	const Elf64_Rela *relas = (const Elf64_Rela *)(plan->file->bytes + section->sh_offset);
	int ret = 0;

	for (size_t i = 0; i < section->sh_size / sizeof(*relas); i++)
		if (relocate(plan, section->sh_info, &relas[i]) < 0)
			ret = -ECANCELED;
	return ret;
}

static size_t filled_size(const struct lp_image_piece_plan *piece)
{
	size_t size = 0;

	for (int group = 0; group < LP_IMAGE_GROUPS; group++)
		if (piece->parts[group].filled)
			size = piece->parts[group].offset + piece->parts[group].filled;
	return size;
}

static int make_bytes(struct lp_image_plan *plan)
{
	for (uint32_t i = 0; i < plan->n_pieces; i++) {
		struct lp_image_piece_plan *piece = &plan->pieces[i];

		piece->bytes = lp_alloc(filled_size(piece) + 1);
		if (!piece->bytes)
			return -ENOMEM;
		fill_slots(plan, piece);
	}
	copy_sections(plan);
	return 0;
}

int lp_image_relocate(struct lp_image_plan *plan)
{
	const struct lp_patch_file *file = plan->file;
	int ret = make_bytes(plan);

	for (uint32_t i = 1; i < file->n_sections && (!ret || ret == -ECANCELED); i++)
		if (file->sections[i].sh_type == SHT_RELA &&
		    lp_section_is_loaded(&file->sections[file->sections[i].sh_info]) &&
		    relocate_section(plan, &file->sections[i]) < 0)
			ret = -ECANCELED;
	return ret;
}
