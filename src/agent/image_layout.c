// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where each section and each slot of a patch lies. */
#include <errno.h>
#include <string.h>

#include "../x86_64/reloc.h"
#include "alloc.h"
#include "image_plan.h"
#include "patch_check.h"

#define PAGE 4096ul
#define MAX_IMAGE (1ul << 30) /* leaves the other half of the reach to the object */
#define SLOT 8
#define TERMINATOR 4 /* of .eh_frame */

static size_t align_up(size_t size, size_t align)
{
	return align > 1 ? (size + align - 1) & ~(align - 1) : size;
}

static bool has_prefix(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

/* Data that is constant once relocated is mapped like constant data, as ld.so does. */
static enum lp_image_group group_of(const struct lp_patch_file *file, const Elf64_Shdr *section)
{
	const char *name = file->section_names + section->sh_name;

	if (section->sh_flags & SHF_EXECINSTR)
		return LP_IMAGE_TEXT;
	if (!(section->sh_flags & SHF_WRITE) ||
	    (has_prefix(name, ".data.rel.ro") && section->sh_type == SHT_PROGBITS))
		return LP_IMAGE_RODATA;
	return LP_IMAGE_DATA;
}

/* Sections with contents first, so that what is zero need not be kept in bytes. */
static void place_sections(struct lp_image_plan *plan, enum lp_image_group group, bool zeroes)
{
	const struct lp_patch_file *file = plan->file;
	struct lp_image_part *part = &plan->parts[group];

	for (uint32_t i = 1; i < file->n_sections; i++) {
		const Elf64_Shdr *section = &file->sections[i];

		if (!lp_section_is_loaded(section) || group_of(file, section) != group ||
		    (section->sh_type == SHT_NOBITS) != zeroes)
			continue;
		part->size = align_up(part->size, section->sh_addralign);
		plan->section_offsets[i] = part->size;
		part->size += section->sh_size;
		if (!strcmp(file->section_names + section->sh_name, ".eh_frame")) {
			plan->eh_frame = i;
			part->size += TERMINATOR;
		}
		if (!zeroes)
			part->filled = part->size;
	}
}

static size_t place_slots(struct lp_image_part *part, uint32_t count, size_t size)
{
	size_t offset = align_up(part->size, 16);

	if (!count)
		return 0;
	part->size = offset + count * size;
	part->filled = part->size;
	return offset;
}

static uint32_t take_slots(uint32_t *slot, uint32_t *count, uint32_t need)
{
	if (!*slot) {
		*slot = *count + 1;
		*count += need;
	}
	return *slot;
}

static void count_relocation(struct lp_image_plan *plan, const Elf64_Rela *rela)
{
	const struct lp_reloc *reloc = lp_reloc_find(ELF64_R_TYPE(rela->r_info));
	uint32_t index = ELF64_R_SYM(rela->r_info);
	const Elf64_Sym *elf = &plan->file->symbols[index];
	struct lp_image_symbol *symbol = &plan->symbols[index];

	if (reloc->target == LP_RELOC_NOTHING)
		return;
	symbol->used = true;
	switch (reloc->target) {
	case LP_RELOC_CALL:
		/* what is not in the file may be too far for a direct call */
		if (elf->st_shndx == SHN_UNDEF || elf->st_shndx == LP_SHN_LIVEPATCH) {
			take_slots(&symbol->got, &plan->n_got, 1);
			take_slots(&symbol->plt, &plan->n_plt, 1);
		}
		break;
	case LP_RELOC_GOT:
		take_slots(&symbol->got, &plan->n_got, 1);
		break;
	case LP_RELOC_TLS_GD:
		take_slots(&symbol->tls_gd, &plan->n_got, 2);
		break;
	case LP_RELOC_TLS_LD:
		take_slots(&symbol->tls_ld, &plan->n_got, 2);
		break;
	case LP_RELOC_GOT_TP:
		take_slots(&symbol->got_tp, &plan->n_got, 1);
		symbol->needs_tp = true;
		break;
	case LP_RELOC_TP:
		symbol->needs_tp = true;
		break;
	}
}

static void count_slots(struct lp_image_plan *plan)
{
	const struct lp_patch_file *file = plan->file;

	for (uint32_t i = 1; i < file->n_sections; i++) {
		const Elf64_Shdr *section = &file->sections[i];
		const Elf64_Rela *relas;

		if (section->sh_type != SHT_RELA ||
		    !lp_section_is_loaded(&file->sections[section->sh_info]))
			continue;
		relas = (const Elf64_Rela *)(file->bytes + section->sh_offset);
		for (size_t k = 0; k < section->sh_size / sizeof(*relas); k++)
			count_relocation(plan, &relas[k]);
	}
}

/* From offsets within a part to offsets within the range. */
static void join_parts(struct lp_image_plan *plan)
{
	const struct lp_patch_file *file = plan->file;

	for (int group = 0; group < LP_IMAGE_GROUPS; group++) {
		plan->parts[group].offset = plan->size;
		plan->parts[group].size = align_up(plan->parts[group].size, PAGE);
		plan->size += plan->parts[group].size;
	}
	for (uint32_t i = 1; i < file->n_sections; i++)
		if (lp_section_is_loaded(&file->sections[i]))
			plan->section_offsets[i] +=
				plan->parts[group_of(file, &file->sections[i])].offset;
	plan->plt_offset += plan->parts[LP_IMAGE_TEXT].offset;
	plan->got_offset += plan->parts[LP_IMAGE_RODATA].offset;
}

int lp_image_layout(struct lp_image_plan *plan)
{
	plan->section_offsets = lp_alloc(plan->file->n_sections * sizeof(*plan->section_offsets));
	plan->symbols = lp_alloc(plan->file->n_symbols * sizeof(*plan->symbols));
	if (!plan->section_offsets || !plan->symbols)
		return -ENOMEM;
	count_slots(plan);
	for (int group = 0; group < LP_IMAGE_GROUPS; group++) {
		place_sections(plan, group, false);
		if (group == LP_IMAGE_TEXT)
			plan->plt_offset = place_slots(&plan->parts[group], plan->n_plt,
						       LP_IMAGE_PLT_SIZE);
		if (group == LP_IMAGE_RODATA)
			plan->got_offset = place_slots(&plan->parts[group], plan->n_got, SLOT);
		place_sections(plan, group, true);
	}
	join_parts(plan);
	if (plan->size > MAX_IMAGE)
		return lp_image_refuse(plan, LP_REASON_NO_MEMORY_NEAR, NULL, NULL);
	return 0;
}

void lp_image_plan_deinit(struct lp_image_plan *plan)
{
	lp_free(plan->section_offsets);
	lp_free(plan->symbols);
	lp_free(plan->bytes);
}
