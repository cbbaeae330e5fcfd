/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unwind_fde.h"

#include <errno.h>
#include <string.h>

#define TABLE_DATAREL_SDATA4 0x3b
#define ENCODING_OMIT 0xff
#define ENCODING_ALIGNED 0x50
#define TABLE_ENTRY_SIZE 8

/* where entries may lie: nothing outside of it is followed */
struct range {
	uint64_t lo, hi;
};

/* the part that CIE and FDE have in common */
struct entry {
	uint64_t addr;
	uint64_t id_addr; /* of the id; what follows it is at id_addr + 4 */
	uint64_t end;
	uint32_t id; /* 0: a CIE, else the distance from id_addr back to the CIE */
};

/* 0; 1: the terminator of the section; -ENODATA */
static int entry_read(struct lp_unwind_memory *memory, const struct range *range, uint64_t addr,
		      struct entry *entry)
{
	struct lp_unwind_bytes bytes;
	uint32_t length;

	if (addr < range->lo || addr > range->hi)
		return -ENODATA;
	lp_unwind_bytes_init(&bytes, memory, addr, range->hi);
	length = (uint32_t)lp_unwind_bytes_unsigned(&bytes, 4);
	if (bytes.bad)
		return -ENODATA;
	if (length == 0)
		return 1;
	/* UINT32_MAX introduces the 64-bit format, which nobody writes into .eh_frame */
	if (length < 4 || length == UINT32_MAX || length > range->hi - bytes.addr)
		return -ENODATA;
	entry->addr = addr;
	entry->id_addr = bytes.addr;
	entry->end = bytes.addr + length;
	entry->id = (uint32_t)lp_unwind_bytes_unsigned(&bytes, 4);
	return bytes.bad ? -ENODATA : 0;
}

/* The personality routine does not matter here, so neither its base nor an indirection does. */
static void personality_skip(struct lp_unwind_bytes *bytes)
{
	uint8_t encoding = lp_unwind_bytes_u8(bytes);

	/* aligned: its size is not known from its format */
	if ((encoding & 0x70) == ENCODING_ALIGNED)
		bytes->bad = true;
	lp_unwind_bytes_pointer(bytes, encoding & 0x0f, 0);
}

static void augmentation_parse(struct lp_unwind_bytes *bytes, struct lp_unwind_cie *cie,
			       const char *letters)
{
	uint64_t size = lp_unwind_bytes_uleb(bytes);
	uint64_t start = bytes->addr;

	for (; *letters && !bytes->bad; letters++) {
		switch (*letters) {
		case 'R':
			cie->encoding = lp_unwind_bytes_u8(bytes);
			break;
		case 'P':
			personality_skip(bytes);
			break;
		case 'L':
			lp_unwind_bytes_u8(bytes);
			break;
		case 'S':
			cie->signal = true;
			break;
		case 'B':
			break;
		default:
			bytes->bad = true;
		}
	}
	if (bytes->addr - start > size)
		bytes->bad = true;
	lp_unwind_bytes_skip(bytes, size - (bytes->addr - start));
}

static void letters_read(struct lp_unwind_bytes *bytes, char *letters, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		letters[i] = (char)lp_unwind_bytes_u8(bytes);
		if (letters[i] == '\0')
			return;
	}
	bytes->bad = true;
	letters[0] = '\0';
}

static void cie_parse(struct lp_unwind_bytes *bytes, struct lp_unwind_cie *cie)
{
	char letters[8];
	uint8_t version = lp_unwind_bytes_u8(bytes);
	uint64_t return_register;

	letters_read(bytes, letters, sizeof(letters));
	/* size of an address, size of a segment selector */
	if (version == 4 && lp_unwind_bytes_unsigned(bytes, 2) != 8)
		bytes->bad = true;
	cie->code_align = lp_unwind_bytes_uleb(bytes);
	cie->data_align = lp_unwind_bytes_sleb(bytes);
	return_register = version == 1 ? lp_unwind_bytes_u8(bytes) : lp_unwind_bytes_uleb(bytes);
	if ((version != 1 && version != 3 && version != 4) || return_register != LP_REG_RA)
		bytes->bad = true;
	cie->sized = letters[0] == 'z';
	if (cie->sized)
		augmentation_parse(bytes, cie, letters + 1);
	else
		bytes->bad |= letters[0] != '\0';
}

/* Does nothing if that CIE is there already. On failure there is none. */
static int cie_read(struct lp_unwind_memory *memory, const struct range *range, uint64_t addr,
		    struct lp_unwind_cie *cie)
{
	struct lp_unwind_bytes bytes;
	struct entry entry;

	if (cie->addr == addr && addr != 0)
		return 0;
	memset(cie, 0, sizeof(*cie));
	if (entry_read(memory, range, addr, &entry) != 0 || entry.id != 0)
		return -ENODATA;
	lp_unwind_bytes_init(&bytes, memory, entry.id_addr + 4, entry.end);
	cie_parse(&bytes, cie);
	if (bytes.bad)
		return -ENODATA;
	cie->program = bytes.addr;
	cie->program_end = entry.end;
	cie->addr = addr;
	return 0;
}

/* fde->cie may hold the CIE of an earlier one. */
static int fde_parse(struct lp_unwind_memory *memory, const struct range *range,
		     const struct entry *entry, struct lp_unwind_fde *fde)
{
	struct lp_unwind_bytes bytes;
	uint64_t size;

	if (entry->id == 0 || entry->id > entry->id_addr - range->lo)
		return -ENODATA;
	if (cie_read(memory, range, entry->id_addr - entry->id, &fde->cie) != 0)
		return -ENODATA;
	lp_unwind_bytes_init(&bytes, memory, entry->id_addr + 4, entry->end);
	fde->addr = entry->addr;
	fde->pc_lo = lp_unwind_bytes_pointer(&bytes, fde->cie.encoding, 0);
	/* a size has the format of a pointer, but no base */
	size = lp_unwind_bytes_pointer(&bytes, fde->cie.encoding & 0x0f, 0);
	if (fde->cie.sized)
		lp_unwind_bytes_skip(&bytes, lp_unwind_bytes_uleb(&bytes));
	if (bytes.bad || size > UINT64_MAX - fde->pc_lo)
		return -ENODATA;
	fde->pc_hi = fde->pc_lo + size;
	fde->program = bytes.addr;
	fde->program_end = entry->end;
	return 0;
}

static bool fde_covers(const struct lp_unwind_fde *fde, uint64_t pc)
{
	return pc >= fde->pc_lo && pc < fde->pc_hi;
}

/* From addr to the terminator or the end of the range. */
static int linear_find(struct lp_unwind_memory *memory, const struct range *range, uint64_t addr,
		       uint64_t pc, struct lp_unwind_fde *fde)
{
	struct entry entry;

	for (; addr != range->hi; addr = entry.end) {
		if (entry_read(memory, range, addr, &entry) != 0)
			return -ENODATA;
		if (entry.id == 0)
			continue;
		if (fde_parse(memory, range, &entry, fde) != 0)
			return -ENODATA;
		if (fde_covers(fde, pc))
			return 0;
	}
	return -ENODATA;
}

struct table {
	uint64_t base; /* of the header, which its offsets count from */
	uint64_t addr;
	uint64_t count;
	uint64_t eh_frame; /* address of the section */
	bool sorted; /* can be searched */
};

static int table_open(struct lp_unwind_memory *memory, const struct lp_object *object,
		      struct table *table)
{
	struct lp_unwind_bytes bytes;
	uint64_t size = object->eh_frame_hdr_size;
	uint32_t start;

	if (size > UINT64_MAX - object->eh_frame_hdr)
		return -ENODATA;
	lp_unwind_bytes_init(&bytes, memory, object->eh_frame_hdr, object->eh_frame_hdr + size);
	/* version, encodings of: address of .eh_frame, count, table */
	start = (uint32_t)lp_unwind_bytes_unsigned(&bytes, 4);
	table->base = object->eh_frame_hdr;
	table->eh_frame = lp_unwind_bytes_pointer(&bytes, (uint8_t)(start >> 8), table->base);
	table->sorted = (uint8_t)(start >> 16) != ENCODING_OMIT &&
			start >> 24 == TABLE_DATAREL_SDATA4;
	table->count = 0;
	if (table->sorted)
		table->count = lp_unwind_bytes_pointer(&bytes, (uint8_t)(start >> 16), 0);
	table->addr = bytes.addr;
	if (bytes.bad || (start & 0xff) != 1)
		return -ENODATA;
	return table->count > (bytes.end - bytes.addr) / TABLE_ENTRY_SIZE ? -ENODATA : 0;
}

struct table_entry {
	int32_t pc_lo, fde; /* both from the table's base */
};

/* The FDE of the last entry that starts at or before pc. 0 or -ENODATA. */
static int table_find(struct lp_unwind_memory *memory, const struct table *table, uint64_t pc,
		      uint64_t *fde_addr)
{
	uint64_t lo = 0, hi = table->count;
	struct table_entry entry;
	uint64_t found = 0;

	while (lo < hi) {
		uint64_t middle = lo + (hi - lo) / 2;

		if (lp_unwind_memory_read(memory, table->addr + middle * TABLE_ENTRY_SIZE, &entry,
					  sizeof(entry)) != 0)
			return -ENODATA;
		if (table->base + (uint64_t)(int64_t)entry.pc_lo > pc) {
			hi = middle;
			continue;
		}
		found = table->base + (uint64_t)(int64_t)entry.fde;
		lo = middle + 1;
	}
	*fde_addr = found;
	return found == 0 ? -ENODATA : 0;
}

static int object_find(struct lp_unwind_memory *memory, const struct lp_object *object, uint64_t pc,
		       struct lp_unwind_fde *fde)
{
	struct range range = { object->lo, object->hi };
	struct entry entry;
	struct table table;
	uint64_t addr;

	if (object->eh_frame_hdr == 0 || table_open(memory, object, &table) != 0)
		return -ENODATA;
	if (!table.sorted)
		return linear_find(memory, &range, table.eh_frame, pc, fde);
	if (table_find(memory, &table, pc, &addr) != 0 ||
	    entry_read(memory, &range, addr, &entry) != 0 ||
	    fde_parse(memory, &range, &entry, fde) != 0)
		return -ENODATA;
	return fde_covers(fde, pc) ? 0 : -ENODATA;
}

static int extra_find(struct lp_unwind_memory *memory, const struct lp_unwind_extra *extra,
		      uint64_t pc, struct lp_unwind_fde *fde)
{
	struct range range = { extra->eh_frame_addr, extra->eh_frame_addr + extra->eh_frame_size };

	if (range.hi < range.lo)
		return -ENODATA;
	return linear_find(memory, &range, range.lo, pc, fde);
}

/*
 * Patches come first: one may have been mapped into a gap between the segments of an object. So may
 * an object: each that claims the pc is asked.
 */
int lp_unwind_fde_find(struct lp_unwind_memory *memory, uint64_t pc, struct lp_unwind_fde *fde)
{
	const struct lp_unwind_space *space = memory->space;

	memset(fde, 0, sizeof(*fde));
	for (size_t i = 0; i < space->n_extra; i++) {
		const struct lp_unwind_extra *extra = &space->extra[i];

		if (pc >= extra->text_lo && pc < extra->text_hi)
			return extra_find(memory, extra, pc, fde);
	}
	for (size_t i = 0; i < space->n_objects; i++) {
		const struct lp_object *object = &space->objects[i];

		if (pc < object->text_lo || pc >= object->text_hi)
			continue;
		fde->cie.addr = 0;
		if (object_find(memory, object, pc, fde) == 0)
			return 0;
	}
	return -ENODATA;
}
