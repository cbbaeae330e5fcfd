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

static int reserve(struct lp_image *image, struct lp_image_plan *plan)
{
	uint32_t index = plan->file->functions[0].object;
	const struct lp_object *object = plan->objects[index];
	int ret = lp_near_reserve(&image->range, object->lo, object->hi, plan->size);

	if (ret == -ENOMEM)
		return lp_image_refuse(plan, LP_REASON_NO_MEMORY_NEAR,
				       *object->name ? object->name : NULL, NULL);
	plan->addr = image->range.addr;
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
			image->section_addrs[i] = plan->addr + plan->section_offsets[i];
	image->text_addr = plan->addr + plan->parts[LP_IMAGE_TEXT].offset;
	image->text_size = plan->parts[LP_IMAGE_TEXT].size;
	return 0;
}

static int check_eh_frame(struct lp_image *image, struct lp_image_plan *plan)
{
	int ret;

	if (!plan->eh_frame)
		return 0;
	image->eh_frame_addr = image->section_addrs[plan->eh_frame];
	image->eh_frame_size = plan->file->sections[plan->eh_frame].sh_size;
	ret = lp_eh_frame_check(plan->bytes + plan->section_offsets[plan->eh_frame],
				image->eh_frame_size, image->eh_frame_addr, image->text_addr,
				image->text_addr + image->text_size);
	return ret == -EBADMSG ? lp_image_refuse(plan, LP_REASON_BAD_FILE, NULL, ".eh_frame") : ret;
}

static int map_text(struct lp_image *image, const struct lp_image_plan *plan)
{
	const struct lp_image_part *part = &plan->parts[LP_IMAGE_TEXT];
	struct lp_near text;
	int ret = lp_near_fix_code(&image->range, part->offset, part->size, &text);

	if (ret < 0)
		return ret;
	ret = lp_near_write(&text, 0, plan->bytes + part->offset, part->filled);
	lp_near_seal(&text);
	return ret;
}

static int map_data(struct lp_image *image, const struct lp_image_plan *plan,
		    enum lp_image_group group)
{
	const struct lp_image_part *part = &plan->parts[group];
	int ret;

	if (!part->size)
		return 0;
	ret = lp_near_fix_data(&image->range, part->offset, part->size);
	if (ret < 0)
		return ret;
	memcpy((void *)(image->range.addr + part->offset), plan->bytes + part->offset,
	       part->filled);
	if (group == LP_IMAGE_RODATA)
		ret = lp_near_protect_rodata(&image->range, part->offset, part->size);
	return ret;
}

/* Everything that can fail; the image is not visible to anyone. */
static int load(struct lp_image *image, struct lp_image_plan *plan)
{
	int ret = lp_image_layout(plan);

	if (!ret)
		ret = reserve(image, plan);
	if (!ret)
		ret = lp_image_resolve(plan);
	if (!ret)
		ret = lp_image_relocate(plan);
	if (!ret)
		ret = set_section_addrs(image, plan);
	if (!ret)
		ret = check_eh_frame(image, plan);
	if (!ret)
		ret = map_data(image, plan, LP_IMAGE_DATA);
	if (!ret)
		ret = map_data(image, plan, LP_IMAGE_RODATA);
	if (!ret)
		ret = map_text(image, plan);
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
	if (loaded.eh_frame_addr)
		loaded.frames = lp_eh_frame_register(loaded.eh_frame_addr);
	lp_debug_image_show(loaded.debug_entry);
	*image = loaded;
	return 0;
}

static void forget(struct lp_image *image)
{
	lp_debug_image_destroy(image->debug_entry);
	lp_eh_frame_unregister(image->frames);
	lp_free(image->section_addrs);
}

void lp_image_unload(struct lp_image *image)
{
	forget(image);
	lp_near_unmap(&image->range);
	*image = (struct lp_image){ 0 };
}

void lp_image_retire(struct lp_image *image)
{
	uint64_t text_end = image->text_addr + image->text_size;

	forget(image);
	lp_sys(__NR_munmap, image->text_addr, image->text_size);
	lp_attic_keep(image->range.addr, image->text_addr - image->range.addr);
	lp_attic_keep(text_end, image->range.addr + image->range.size - text_end);
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
