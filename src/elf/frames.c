/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The code that .eh_frame describes: where functions start and end in files without symbols.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

struct frames {
	const uint8_t *bytes;
	size_t size;
	uint64_t addr; /* of the section */
	struct lp_elf_frame *list;
	size_t count, capacity;
};

/* The encoding of addresses in FDEs of a CIE: the data of its augmentation 'R'. */
static uint8_t cie_encoding(const Dwarf_CIE *cie)
{
	const uint8_t *data = cie->augmentation_data;
	size_t left = cie->augmentation_data_size;

	for (const char *c = cie->augmentation; *c; c++) {
		size_t size = *c == 'L' ? 1 : *c == 'P' ? 5 : 0;

		if (*c == 'R')
			return left ? *data : DW_EH_PE_omit;
		if (*c == 'P' && (!left || (*data & 0x07) == DW_EH_PE_absptr ||
				  (*data & 0x07) == DW_EH_PE_udata8))
			size = 9;
		if (size > left)
			return DW_EH_PE_omit;
		data += size;
		left -= size;
	}
	return DW_EH_PE_absptr;
}

static bool fde_range(const struct frames *frames, const Dwarf_FDE *fde, uint8_t encoding,
		      struct lp_elf_frame *frame)
{
	const uint8_t *start = fde->start;
	bool wide = (encoding & 0x07) == DW_EH_PE_absptr || (encoding & 0x07) == DW_EH_PE_udata8;
	size_t width = wide ? 8 : 4;
	uint64_t offset = (uint64_t)(start - frames->bytes);

	if (encoding == DW_EH_PE_omit || (encoding & DW_EH_PE_indirect) ||
	    (!wide && (encoding & 0x07) != DW_EH_PE_udata4) || fde->end < start ||
	    (size_t)(fde->end - start) < 2 * width)
		return false;
	if (wide) {
		memcpy(&frame->addr, start, 8);
		memcpy(&frame->size, start + 8, 8);
	} else {
		int32_t low;
		uint32_t size;

		memcpy(&low, start, 4);
		memcpy(&size, start + 4, 4);
		frame->addr = encoding & DW_EH_PE_signed ? (uint64_t)(int64_t)low : (uint32_t)low;
		frame->size = size;
	}
	if ((encoding & 0x70) == DW_EH_PE_pcrel)
		frame->addr += frames->addr + offset;
	else if (encoding & 0x70)
		return false;
	return frame->size > 0;
}

static int frame_add(struct frames *frames, struct lp_elf_frame frame)
{
	if (frames->count == frames->capacity) {
		size_t capacity = frames->capacity ? 2 * frames->capacity : 256;
		void *list = realloc(frames->list, capacity * sizeof(*frames->list));

		if (!list)
			return -ENOMEM;
		frames->list = list;
		frames->capacity = capacity;
	}
	frames->list[frames->count++] = frame;
	return 0;
}

/* FDEs of one CIE come in long runs, so the last one asked for is remembered. */
struct cie_cache {
	Dwarf_Off offset;
	bool valid;
	uint8_t encoding;
};

static uint8_t cie_lookup(const unsigned char *ident, Elf_Data *data, Dwarf_Off offset,
			  struct cie_cache *cache)
{
	Dwarf_CFI_Entry entry;
	Dwarf_Off next;

	if (cache->valid && cache->offset == offset)
		return cache->encoding;
	cache->encoding = DW_EH_PE_omit;
	if (!dwarf_next_cfi(ident, data, true, offset, &next, &entry) && dwarf_cfi_cie_p(&entry))
		cache->encoding = cie_encoding(&entry.cie);
	cache->offset = offset;
	cache->valid = true;
	return cache->encoding;
}

static int frames_read(struct frames *frames, Elf *elf, Elf_Data *data)
{
	const unsigned char *ident = (const unsigned char *)elf_getident(elf, NULL);
	struct cie_cache cache = { 0 };
	Dwarf_Off offset = 0, next;
	Dwarf_CFI_Entry entry;
	int result, err = 0;

	while (!err && (result = dwarf_next_cfi(ident, data, true, offset, &next, &entry)) == 0) {
		struct lp_elf_frame frame;
		uint8_t encoding;

		if (next <= offset)
			break;
		offset = next;
		if (dwarf_cfi_cie_p(&entry))
			continue;
		encoding = cie_lookup(ident, data, entry.fde.CIE_pointer, &cache);
		if (fde_range(frames, &entry.fde, encoding, &frame))
			err = frame_add(frames, frame);
	}
	return err;
}

static int compare_frames(const void *a, const void *b)
{
	const struct lp_elf_frame *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

int lp_elf_frames_load(struct lp_elf *elf)
{
	GElf_Shdr header;
	Elf_Scn *scn = lp_elf_source_section(elf->file, 0, ".eh_frame", &header);
	Elf_Data *data = scn && header.sh_type != SHT_NOBITS ? elf_getdata(scn, NULL) : NULL;
	struct frames frames = { 0 };
	int err;

	if (!data || !data->d_buf)
		return 0;
	frames.bytes = data->d_buf;
	frames.size = data->d_size;
	frames.addr = header.sh_addr;
	err = frames_read(&frames, elf->file->elf, data);
	if (err) {
		free(frames.list);
		return err;
	}
	qsort(frames.list, frames.count, sizeof(*frames.list), compare_frames);
	elf->frames = frames.list;
	elf->n_frames = frames.count;
	return 0;
}
