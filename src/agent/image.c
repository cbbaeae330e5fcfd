// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "attic.h"
#include "debug_image.h"
#include "eh_frame.h"
#include "image_plan.h"
#include "patch_check.h"
#include "sys.h"

static int reserve(struct lp_image_piece *piece, struct lp_image_plan *plan,
		   struct lp_image_piece_plan *planned)
{
	const struct lp_object *object = plan->objects[planned->object];
	int ret = lp_near_reserve(&piece->range, object->lo, object->hi, planned->size);

	if (ret == -ENOMEM)
		return lp_image_refuse(plan, LP_REASON_NO_MEMORY_NEAR,
				       *object->name ? object->name : NULL, NULL);
	planned->addr = piece->range.addr;
	piece->text_addr = planned->addr + planned->parts[LP_IMAGE_TEXT].offset;
	piece->text_size = planned->parts[LP_IMAGE_TEXT].size;
	return ret;
}

static int reserve_all(struct lp_image *image, struct lp_image_plan *plan)
{
	int ret = 0;

	image->pieces = lp_alloc(plan->n_pieces * sizeof(*image->pieces));
	if (!image->pieces)
		return -ENOMEM;
	image->n_pieces = plan->n_pieces;
	for (uint32_t i = 0; i < image->n_pieces && !ret; i++)
		ret = reserve(&image->pieces[i], plan, &plan->pieces[i]);
	return ret;
}

static int set_section_addrs(struct lp_image *image, const struct lp_image_plan *plan)
{
	const struct lp_patch_file *file = plan->file;

	image->section_addrs = lp_alloc(file->n_sections * sizeof(*image->section_addrs));
	if (!image->section_addrs)
		return -ENOMEM;
	for (uint32_t i = 1; i < file->n_sections; i++)
		if (lp_section_is_loaded(&file->sections[i]))
			image->section_addrs[i] = lp_image_section_addr(plan, i);
	return 0;
}

static int check_eh_frame(struct lp_image_piece *piece, struct lp_image_plan *plan,
			  const struct lp_image_piece_plan *planned)
{
	uint32_t section = planned->eh_frame;
	int ret;

	if (!section)
		return 0;
	piece->eh_frame_addr = lp_image_section_addr(plan, section);
	piece->eh_frame_size = plan->file->sections[section].sh_size;
	ret = lp_eh_frame_check(planned->bytes + plan->sections[section].offset,
				piece->eh_frame_size, piece->eh_frame_addr, piece->text_addr,
				piece->text_addr + piece->text_size);
	return ret == -EBADMSG ? lp_image_refuse(plan, LP_REASON_BAD_FILE, NULL, ".eh_frame") : ret;
}

static int check_eh_frames(struct lp_image *image, struct lp_image_plan *plan)
{
	int ret = 0;

	for (uint32_t i = 0; i < image->n_pieces && !ret; i++)
		ret = check_eh_frame(&image->pieces[i], plan, &plan->pieces[i]);
	return ret;
}

static int map_text(const struct lp_image_piece *piece, const struct lp_image_piece_plan *planned)
{
	const struct lp_image_part *part = &planned->parts[LP_IMAGE_TEXT];
	struct lp_near text;
	int ret;

	if (!part->size)
		return 0;
	ret = lp_near_fix_code(&piece->range, part->offset, part->size, &text);
	if (ret < 0)
		return ret;
	ret = lp_near_write(&text, 0, planned->bytes + part->offset, part->filled);
	lp_near_seal(&text);
	return ret;
}

static int map_data(const struct lp_image_piece *piece, const struct lp_image_piece_plan *planned,
		    enum lp_image_group group)
{
	const struct lp_image_part *part = &planned->parts[group];
	int ret;

	if (!part->size)
		return 0;
	ret = lp_near_fix_data(&piece->range, part->offset, part->size);
	if (ret < 0)
		return ret;
	memcpy((void *)(piece->range.addr + part->offset), planned->bytes + part->offset,
	       part->filled);
	if (group == LP_IMAGE_RODATA)
		ret = lp_near_protect_rodata(&piece->range, part->offset, part->size);
	return ret;
}

static int map_all(const struct lp_image *image, const struct lp_image_plan *plan)
{
	int ret = 0;

	for (uint32_t i = 0; i < image->n_pieces && !ret; i++) {
		ret = map_data(&image->pieces[i], &plan->pieces[i], LP_IMAGE_DATA);
		if (!ret)
			ret = map_data(&image->pieces[i], &plan->pieces[i], LP_IMAGE_RODATA);
	}
	for (uint32_t i = 0; i < image->n_pieces && !ret; i++)
		ret = map_text(&image->pieces[i], &plan->pieces[i]);
	return ret;
}

/* Everything that can fail; the image is not visible to anyone. */
static int load(struct lp_image *image, struct lp_image_plan *plan)
{
	int ret = lp_image_layout(plan);

	if (!ret)
		ret = reserve_all(image, plan);
	if (!ret)
		ret = lp_image_resolve(plan);
	if (!ret)
		ret = lp_image_relocate(plan);
	if (!ret)
		ret = set_section_addrs(image, plan);
	if (!ret)
		ret = check_eh_frames(image, plan);
	if (!ret)
		ret = map_all(image, plan);
	if (ret)
		return ret;
	image->debug_entry = lp_debug_image_create(plan->file, image->section_addrs);
	return image->debug_entry ? 0 : -ENOMEM;
}

int lp_image_load(struct lp_image *image, const struct lp_patch_file *file,
		  const struct lp_object *const *objects, const struct lp_author *author,
		  struct lp_report *report)
{
	struct lp_image_plan plan = {
		.file = file, .objects = objects, .author = author, .report = report
	};
	struct lp_image loaded = { 0 };
	int ret = load(&loaded, &plan);

	lp_image_plan_deinit(&plan);
	if (ret < 0) {
		lp_image_unload(&loaded);
		return ret;
	}
	for (uint32_t i = 0; i < loaded.n_pieces; i++)
		if (loaded.pieces[i].eh_frame_addr)
			loaded.pieces[i].frames = lp_eh_frame_register(
				loaded.pieces[i].eh_frame_addr);
	lp_debug_image_show(loaded.debug_entry);
	*image = loaded;
	return 0;
}

/* All but the memory of the pieces. */
static void forget(struct lp_image *image)
{
	lp_debug_image_destroy(image->debug_entry);
	for (uint32_t i = 0; i < image->n_pieces; i++)
		lp_eh_frame_unregister(image->pieces[i].frames);
	lp_free(image->section_addrs);
}

void lp_image_unload(struct lp_image *image)
{
	forget(image);
	for (uint32_t i = 0; i < image->n_pieces; i++)
		lp_near_unmap(&image->pieces[i].range);
	lp_free(image->pieces);
	*image = (struct lp_image){ 0 };
}

static void retire_piece(const struct lp_image_piece *piece)
{
	uint64_t text_end = piece->text_addr + piece->text_size;

	if (piece->text_size)
		lp_sys(__NR_munmap, piece->text_addr, piece->text_size);
	lp_attic_keep(piece->range.addr, piece->text_addr - piece->range.addr);
	lp_attic_keep(text_end, piece->range.addr + piece->range.size - text_end);
}

void lp_image_retire(struct lp_image *image)
{
	forget(image);
	for (uint32_t i = 0; i < image->n_pieces; i++)
		retire_piece(&image->pieces[i]);
	lp_free(image->pieces);
	*image = (struct lp_image){ 0 };
}

uint64_t lp_image_symbol(const struct lp_image *image, const struct lp_patch_file *file,
			 uint32_t symbol)
{
	const Elf64_Sym *elf;

	if (!symbol || symbol >= file->n_symbols)
		return 0;
	elf = &file->symbols[symbol];
	if (!elf->st_shndx || elf->st_shndx >= file->n_sections ||
	    !image->section_addrs[elf->st_shndx])
		return 0;
	return image->section_addrs[elf->st_shndx] + elf->st_value;
}
