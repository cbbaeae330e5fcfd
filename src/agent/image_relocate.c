// SPDX-License-Identifier: LGPL-2.1-or-later
/* The bytes of a patch as they will lie in memory. */
#include <errno.h>
#include <string.h>

#include "../x86_64/reloc.h"
#include "alloc.h"
#include "image_plan.h"
#include "patch_check.h"

#define SLOT 8

static uint64_t slot_addr(const struct lp_image_plan *plan, uint32_t slot)
{
	return plan->addr + plan->got_offset + (uint64_t)(slot - 1) * SLOT;
}

static uint64_t stub_addr(const struct lp_image_plan *plan, uint32_t stub)
{
	return plan->addr + plan->plt_offset + (uint64_t)(stub - 1) * LP_IMAGE_PLT_SIZE;
}

static void set_slot(struct lp_image_plan *plan, uint32_t slot, uint64_t value)
{
	memcpy(plan->bytes + (slot_addr(plan, slot) - plan->addr), &value, sizeof(value));
}

/* Both lie in one range of less than 2 GiB: it always reaches. */
static void set_stub(struct lp_image_plan *plan, uint32_t stub, uint32_t slot)
{
	uint64_t addr = stub_addr(plan, stub);
	uint32_t distance = (uint32_t)(slot_addr(plan, slot) - (addr + 6));
	uint8_t *bytes = plan->bytes + (addr - plan->addr);

	memcpy(bytes, "\xff\x25\0\0\0\0\xcc\xcc", LP_IMAGE_PLT_SIZE);
	memcpy(bytes + 2, &distance, sizeof(distance));
}

static void fill_slots(struct lp_image_plan *plan)
{
	for (uint32_t i = 1; i < plan->file->n_symbols; i++) {
		const struct lp_image_symbol *symbol = &plan->symbols[i];

		if (symbol->got)
			set_slot(plan, symbol->got, symbol->addr);
		if (symbol->plt)
			set_stub(plan, symbol->plt, symbol->got);
		if (symbol->tls_gd) {
			set_slot(plan, symbol->tls_gd, symbol->module);
			set_slot(plan, symbol->tls_gd + 1, symbol->addr);
		}
		if (symbol->tls_ld)
			set_slot(plan, symbol->tls_ld, symbol->module);
		if (symbol->got_tp)
			set_slot(plan, symbol->got_tp, symbol->tp_offset);
	}
}

static void copy_sections(struct lp_image_plan *plan)
{
	const struct lp_patch_file *file = plan->file;

	for (uint32_t i = 1; i < file->n_sections; i++) {
		const Elf64_Shdr *section = &file->sections[i];

		if (lp_section_is_loaded(section) && section->sh_type != SHT_NOBITS)
			memcpy(plan->bytes + plan->section_offsets[i],
			       file->bytes + section->sh_offset, section->sh_size);
	}
}

static uint64_t target_addr(const struct lp_image_plan *plan, const struct lp_reloc *reloc,
			    const struct lp_image_symbol *symbol)
{
	switch (reloc->target) {
	case LP_RELOC_GOT:
		return slot_addr(plan, symbol->got);
	case LP_RELOC_TLS_GD:
		return slot_addr(plan, symbol->tls_gd);
	case LP_RELOC_TLS_LD:
		return slot_addr(plan, symbol->tls_ld);
	case LP_RELOC_GOT_TP:
		return slot_addr(plan, symbol->got_tp);
	case LP_RELOC_TP:
		return symbol->tp_offset;
	default:
		return symbol->addr;
	}
}

static int relocate(struct lp_image_plan *plan, size_t section_offset, const Elf64_Rela *rela)
{
	const struct lp_reloc *reloc = lp_reloc_find(ELF64_R_TYPE(rela->r_info));
	uint32_t index = ELF64_R_SYM(rela->r_info);
	const struct lp_image_symbol *symbol = &plan->symbols[index];
	size_t offset = section_offset + rela->r_offset;
	uint64_t place = plan->addr + offset;

	if (reloc->target == LP_RELOC_NOTHING ||
	    lp_reloc_write(reloc, plan->bytes + offset, place, target_addr(plan, reloc, symbol),
			   rela->r_addend))
		return 0;
	if (symbol->plt && reloc->target == LP_RELOC_CALL &&
	    lp_reloc_write(reloc, plan->bytes + offset, place, stub_addr(plan, symbol->plt),
			   rela->r_addend))
		return 0;
	return lp_image_refuse(plan, LP_REASON_NO_MEMORY_NEAR, NULL,
			       plan->file->symbol_names + plan->file->symbols[index].st_name);
}

static int relocate_section(struct lp_image_plan *plan, const Elf64_Shdr *section)
{
	const Elf64_Rela *relas = (const Elf64_Rela *)(plan->file->bytes + section->sh_offset);
	int ret = 0;

	for (size_t i = 0; i < section->sh_size / sizeof(*relas); i++)
		if (relocate(plan, plan->section_offsets[section->sh_info], &relas[i]) < 0)
			ret = -ECANCELED;
	return ret;
}

static size_t filled_size(const struct lp_image_plan *plan)
{
	size_t size = 0;

	for (int group = 0; group < LP_IMAGE_GROUPS; group++)
		if (plan->parts[group].filled)
			size = plan->parts[group].offset + plan->parts[group].filled;
	return size;
}

int lp_image_relocate(struct lp_image_plan *plan)
{
	const struct lp_patch_file *file = plan->file;
	int ret = 0;

	plan->bytes = lp_alloc(filled_size(plan));
	if (!plan->bytes)
		return -ENOMEM;
	copy_sections(plan);
	fill_slots(plan);
	for (uint32_t i = 1; i < file->n_sections; i++)
		if (file->sections[i].sh_type == SHT_RELA &&
		    lp_section_is_loaded(&file->sections[file->sections[i].sh_info]) &&
		    relocate_section(plan, &file->sections[i]) < 0)
			ret = -ECANCELED;
	return ret;
}
