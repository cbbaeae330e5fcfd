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

/* --- which piece a section is in --- */

/* For now the object that each section must lie near is in its place. */
static void note_objects(struct lp_image_plan *plan)
{
	const struct lp_patch_file *file = plan->file;

	for (uint32_t i = 1; i < file->n_sections; i++)
		plan->sections[i].piece = file->functions[0].object;
	for (uint32_t i = 0; i < file->info->places.count; i++)
		plan->sections[file->places[i].section].piece = file->places[i].object;
}

static int make_pieces(struct lp_image_plan *plan)
{
	const struct lp_patch_file *file = plan->file;
	uint32_t numbers[LP_FILE_MAX_OBJECTS] = { 0 };

	for (uint32_t i = 1; i < file->n_sections; i++)
		if (lp_section_is_loaded(&file->sections[i]))
			numbers[plan->sections[i].piece] = 1;
	plan->pieces = lp_alloc(file->info->objects.count * sizeof(*plan->pieces));
	if (!plan->pieces)
		return -ENOMEM;
	for (uint32_t i = 0; i < file->info->objects.count; i++) {
		if (!numbers[i])
			continue;
		numbers[i] = plan->n_pieces;
		plan->pieces[plan->n_pieces++].object = i;
	}
	for (uint32_t i = 1; i < file->n_sections; i++)
		plan->sections[i].piece = numbers[plan->sections[i].piece];
	return 0;
}

/* --- slots --- */

static void take_slots(uint32_t *slot, uint32_t *count, uint32_t need)
{
	if (*slot)
		return;
	*slot = *count + 1;
	*count += need;
}

/* What is not in the same piece may be too far for a direct call. */
static bool is_elsewhere(const struct lp_image_plan *plan, const struct lp_image_piece_plan *piece,
			 const Elf64_Sym *symbol)
{
	return symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == LP_SHN_LIVEPATCH ||
	       &plan->pieces[plan->sections[symbol->st_shndx].piece] != piece;
}

static void count_relocation(struct lp_image_plan *plan, struct lp_image_piece_plan *piece,
			     const Elf64_Rela *rela)
{
	const struct lp_reloc *reloc = lp_reloc_find(ELF64_R_TYPE(rela->r_info));
	uint32_t index = ELF64_R_SYM(rela->r_info);
	struct lp_image_symbol *symbol = &plan->symbols[index];
	struct lp_image_slots *slots = &piece->slots[index];

	if (reloc->target == LP_RELOC_NOTHING)
		return;
	symbol->used = true;
	switch (reloc->target) {
	case LP_RELOC_CALL:
		if (is_elsewhere(plan, piece, &plan->file->symbols[index])) {
			take_slots(&slots->got, &piece->n_got, 1);
			take_slots(&slots->plt, &piece->n_plt, 1);
		}
		break;
	case LP_RELOC_GOT:
		take_slots(&slots->got, &piece->n_got, 1);
		break;
	case LP_RELOC_TLS_GD:
		take_slots(&slots->tls_gd, &piece->n_got, 2);
		break;
	case LP_RELOC_TLS_LD:
		take_slots(&slots->tls_ld, &piece->n_got, 2);
		break;
	case LP_RELOC_GOT_TP:
		take_slots(&slots->got_tp, &piece->n_got, 1);
		symbol->needs_tp = true;
		break;
	case LP_RELOC_TP:
		symbol->needs_tp = true;
		break;
	}
}

static int count_slots(struct lp_image_plan *plan)
{
	const struct lp_patch_file *file = plan->file;

	for (uint32_t i = 0; i < plan->n_pieces; i++) {
		plan->pieces[i].slots = lp_alloc(file->n_symbols * sizeof(struct lp_image_slots));
		if (!plan->pieces[i].slots)
			return -ENOMEM;
	}
	for (uint32_t i = 1; i < file->n_sections; i++) {
		const Elf64_Shdr *section = &file->sections[i];
		const Elf64_Rela *relas;

		if (section->sh_type != SHT_RELA ||
		    !lp_section_is_loaded(&file->sections[section->sh_info]))
			continue;
		relas = (const Elf64_Rela *)(file->bytes + section->sh_offset);
		for (size_t k = 0; k < section->sh_size / sizeof(*relas); k++)
			count_relocation(plan,
					 &plan->pieces[plan->sections[section->sh_info].piece],
					 &relas[k]);
	}
	return 0;
}

/* --- what lies where in a piece --- */

/* Sections with contents first, so that what is zero need not be kept in bytes. */
static void place_sections(struct lp_image_plan *plan, uint32_t piece, enum lp_image_group group,
			   bool zeroes)
{
	const struct lp_patch_file *file = plan->file;
	struct lp_image_part *part = &plan->pieces[piece].parts[group];

	for (uint32_t i = 1; i < file->n_sections; i++) {
		const Elf64_Shdr *section = &file->sections[i];

		if (!lp_section_is_loaded(section) || plan->sections[i].piece != piece ||
		    group_of(file, section) != group || (section->sh_type == SHT_NOBITS) != zeroes)
			continue;
		part->size = align_up(part->size, section->sh_addralign);
		plan->sections[i].offset = part->size;
		part->size += section->sh_size;
		if (!strcmp(file->section_names + section->sh_name, ".eh_frame")) {
			plan->pieces[piece].eh_frame = i;
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

/* From offsets within a part to offsets within the range. */
static void join_parts(struct lp_image_plan *plan, uint32_t number)
{
	const struct lp_patch_file *file = plan->file;
	struct lp_image_piece_plan *piece = &plan->pieces[number];

	for (int group = 0; group < LP_IMAGE_GROUPS; group++) {
		piece->parts[group].offset = piece->size;
		piece->parts[group].size = align_up(piece->parts[group].size, PAGE);
		piece->size += piece->parts[group].size;
	}
	for (uint32_t i = 1; i < file->n_sections; i++)
		if (lp_section_is_loaded(&file->sections[i]) && plan->sections[i].piece == number)
			plan->sections[i].offset +=
				piece->parts[group_of(file, &file->sections[i])].offset;
	piece->plt_offset += piece->parts[LP_IMAGE_TEXT].offset;
	piece->got_offset += piece->parts[LP_IMAGE_RODATA].offset;
}

static void lay_out(struct lp_image_plan *plan, uint32_t number)
{
	struct lp_image_piece_plan *piece = &plan->pieces[number];

	for (int group = 0; group < LP_IMAGE_GROUPS; group++) {
		place_sections(plan, number, group, false);
		if (group == LP_IMAGE_TEXT)
			piece->plt_offset = place_slots(&piece->parts[group], piece->n_plt,
							LP_IMAGE_PLT_SIZE);
		if (group == LP_IMAGE_RODATA)
			piece->got_offset = place_slots(&piece->parts[group], piece->n_got, SLOT);
		place_sections(plan, number, group, true);
	}
	join_parts(plan, number);
}

int lp_image_layout(struct lp_image_plan *plan)
{
	int ret;

	plan->sections = lp_alloc(plan->file->n_sections * sizeof(*plan->sections));
	plan->symbols = lp_alloc(plan->file->n_symbols * sizeof(*plan->symbols));
	if (!plan->sections || !plan->symbols)
		return -ENOMEM;
	note_objects(plan);
	ret = make_pieces(plan);
	if (!ret)
		ret = count_slots(plan);
	for (uint32_t i = 0; i < plan->n_pieces && !ret; i++) {
		lay_out(plan, i);
		if (plan->pieces[i].size > MAX_IMAGE)
			ret = lp_image_refuse(plan, LP_REASON_NO_MEMORY_NEAR, NULL, NULL);
	}
	return ret;
}

void lp_image_plan_deinit(struct lp_image_plan *plan)
{
	for (uint32_t i = 0; i < plan->n_pieces; i++) {
		lp_free(plan->pieces[i].slots);
		lp_free(plan->pieces[i].bytes);
	}
	lp_free(plan->pieces);
	lp_free(plan->sections);
	lp_free(plan->symbols);
}
