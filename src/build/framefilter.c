/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A record of .eh_frame (a CIE or an FDE) is copied as it is: only the pointer from FDE to CIE
 * depends on where it lies, and the relocations in it move along. The pointer is the distance from
 * itself back to the CIE; records only ever move closer together. The last one is filled up with
 * zeros, which are DW_CFA_nop, as assemblers do: what is appended to the section then follows it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "framefilter.h"

#define HEAD 8 /* the length, and the pointer to the CIE or 0 */
#define LENGTH_64BIT 0xfffffff0u /* and above: introduces the 64-bit format, or reserved */

struct record {
	uint64_t offset;
	uint64_t size; /* with the length field */
	uint64_t new_offset;
	size_t first_reloc;
	size_t n_relocs;
	size_t cie; /* index; its own: it is one */
	bool keep;
};

/* One .eh_frame, and what it becomes. */
struct frames {
	struct lp_section *section;
	struct record *records;
	size_t count;
	uint64_t end; /* of the records; behind it are only the zeros of the terminator */
	uint64_t pad; /* what the last of the kept grows by */
	uint8_t *bytes;
	uint64_t size;
	struct lp_relocation *relocs;
	size_t n_relocs;
};

static uint32_t word_at(const struct lp_section *section, uint64_t offset)
{
	uint32_t word;

	memcpy(&word, section->bytes + offset, sizeof(word));
	return word;
}

static bool is_zero(const uint8_t *bytes, uint64_t size)
{
	for (uint64_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

/* The size of the record at an offset, 0: a terminator is there; -EBADMSG. */
static int64_t record_size(const struct lp_section *section, uint64_t offset)
{
	uint64_t left = section->size - offset;
	uint32_t length;

	if (left < sizeof(length))
		return -EBADMSG;
	length = word_at(section, offset);
	if (!length)
		return is_zero(section->bytes + offset, left) ? 0 : -EBADMSG;
	if (length >= LENGTH_64BIT || length < HEAD || length > left - sizeof(length))
		return -EBADMSG;
	return (int64_t)(length + sizeof(length));
}

static int records_find(struct frames *frames)
{
	const struct lp_section *section = frames->section;
	size_t capacity = section->size / (HEAD + 4) + 1;
	uint64_t at = 0;

	frames->records = calloc(capacity, sizeof(*frames->records));
	if (!frames->records)
		return -ENOMEM;
	while (at < section->size) {
		int64_t size = record_size(section, at);

		if (size < 0)
			return (int)size;
		if (!size)
			break;
		frames->records[frames->count++] = (struct record){
			.offset = at,
			.size = (uint64_t)size,
		};
		at += (uint64_t)size;
	}
	frames->end = at;
	return 0;
}

static uint64_t field_size(uint32_t type)
{
	return type == R_X86_64_64 || type == R_X86_64_PC64 || type == R_X86_64_GOTPCREL64 ||
			       type == R_X86_64_GOTOFF64 ?
		       8 :
		       4;
}

/* Inside the record and behind its head, which no relocation writes. */
static bool is_inside(const struct record *record, const struct lp_relocation *reloc)
{
	uint64_t start = reloc->offset - record->offset;

	return start >= HEAD && field_size(reloc->type) <= record->size - start;
}

/* Both are in the order of their offsets. */
static int relocs_assign(struct frames *frames)
{
	const struct lp_section *section = frames->section;
	size_t next = 0;

	for (size_t i = 0; i < frames->count; i++) {
		struct record *record = &frames->records[i];

		record->first_reloc = next;
		for (; next < section->n_relocs; next++) {
			const struct lp_relocation *reloc = &section->relocs[next];

			if (reloc->offset >= record->offset + record->size)
				break;
			if (!is_inside(record, reloc))
				return -EBADMSG;
			record->n_relocs++;
		}
	}
	return next == section->n_relocs ? 0 : -EBADMSG;
}

static int compare_offset(const void *key, const void *element)
{
	uint64_t offset = *(const uint64_t *)key;
	const struct record *record = element;

	return offset < record->offset ? -1 : offset > record->offset;
}

static bool is_cie(const struct frames *frames, const struct record *record)
{
	return !word_at(frames->section, record->offset + 4);
}

/* Version 1, or 3 as some compilers write it, and an augmentation that ends. */
static int cie_check(const struct frames *frames, const struct record *record)
{
	const uint8_t *bytes = frames->section->bytes + record->offset;

	if (bytes[HEAD] != 1 && bytes[HEAD] != 3)
		return -EBADMSG;
	return memchr(bytes + HEAD + 1, 0, record->size - HEAD - 1) ? 0 : -EBADMSG;
}

static int cie_find(const struct frames *frames, struct record *record)
{
	uint64_t at = record->offset + 4, back = word_at(frames->section, at);
	uint64_t offset = at - back;
	const struct record *cie;

	if (back > at)
		return -EBADMSG;
	cie = bsearch(&offset, frames->records, frames->count, sizeof(*cie), compare_offset);
	if (!cie || !is_cie(frames, cie))
		return -EBADMSG;
	record->cie = (size_t)(cie - frames->records);
	return 0;
}

static int cies_find(struct frames *frames)
{
	int err = 0;

	for (size_t i = 0; i < frames->count && !err; i++) {
		struct record *record = &frames->records[i];

		if (is_cie(frames, record)) {
			record->cie = i;
			err = cie_check(frames, record);
		} else {
			err = cie_find(frames, record);
		}
	}
	return err;
}

/* Whether the code of an FDE is kept. Its start is the first thing behind the head. */
static bool is_wanted(const struct lp_relobj *obj, const struct frames *frames,
		      const struct record *record)
{
	const struct lp_relocation *start;
	uint32_t section;

	if (!record->n_relocs)
		return false;
	start = &frames->section->relocs[record->first_reloc];
	if (start->offset != record->offset + HEAD)
		return false;
	section = obj->symbols[start->symbol].section;
	return section != SHN_UNDEF && section < obj->n_sections && obj->sections[section].keep;
}

/* What the last record lacks to end where another section may begin. */
static uint64_t padding(const struct frames *frames)
{
	const struct lp_section *section = frames->section;
	uint64_t align = section->align < 8 ? 4 : 8;

	if (frames->end != section->size || section->size % align)
		return 0;
	return -frames->size % align;
}

static void records_mark(const struct lp_relobj *obj, struct frames *frames)
{
	for (size_t i = 0; i < frames->count; i++) {
		struct record *record = &frames->records[i];

		if (record->cie == i || !is_wanted(obj, frames, record))
			continue;
		record->keep = true;
		frames->records[record->cie].keep = true;
	}
}

static void records_place(struct frames *frames)
{
	for (size_t i = 0; i < frames->count; i++) {
		struct record *record = &frames->records[i];

		if (!record->keep)
			continue;
		record->new_offset = frames->size;
		frames->size += record->size;
		frames->n_relocs += record->n_relocs;
	}
	if (!frames->size)
		return;
	frames->pad = padding(frames);
	frames->size += frames->pad + frames->section->size - frames->end;
}

static void record_copy(struct frames *frames, const struct record *record, size_t *n_relocs)
{
	const struct lp_section *section = frames->section;
	uint64_t at = record->new_offset;

	memcpy(frames->bytes + at, section->bytes + record->offset, record->size);
	if (!is_cie(frames, record)) {
		uint64_t cie = frames->records[record->cie].new_offset;
		uint32_t back = (uint32_t)(at + 4 - cie);

		memcpy(frames->bytes + at + 4, &back, sizeof(back));
	}
	for (size_t i = 0; i < record->n_relocs; i++) {
		struct lp_relocation *reloc = &frames->relocs[(*n_relocs)++];

		*reloc = section->relocs[record->first_reloc + i];
		reloc->offset = reloc->offset - record->offset + at;
	}
}

static void record_grow(struct frames *frames, const struct record *record)
{
	uint32_t length = (uint32_t)(record->size - sizeof(length) + frames->pad);

	memcpy(frames->bytes + record->new_offset, &length, sizeof(length));
}

static int records_copy(struct frames *frames)
{
	const struct record *last = NULL;
	size_t n_relocs = 0;

	/* zeroed: the terminator, and the NUL that is behind the bytes of any section */
	frames->bytes = calloc(1, frames->size + 1);
	frames->relocs = calloc(frames->n_relocs + 1, sizeof(*frames->relocs));
	if (!frames->bytes || !frames->relocs)
		return -ENOMEM;
	for (size_t i = 0; i < frames->count; i++)
		if (frames->records[i].keep) {
			last = &frames->records[i];
			record_copy(frames, last, &n_relocs);
		}
	if (last)
		record_grow(frames, last);
	return 0;
}

static int frames_rebuild(const struct lp_relobj *obj, struct frames *frames)
{
	int err;

	/* distances have 32 bits */
	if (frames->section->size > INT32_MAX || (frames->section->size && !frames->section->bytes))
		return -EBADMSG;
	err = records_find(frames);
	err = err ? err : relocs_assign(frames);
	err = err ? err : cies_find(frames);
	if (err)
		return err;
	records_mark(obj, frames);
	records_place(frames);
	return records_copy(frames);
}

/* What the section had is in `frames` afterwards. */
static void frames_commit(struct frames *frames)
{
	struct lp_section *section = frames->section;
	uint8_t *bytes = section->bytes;
	struct lp_relocation *relocs = section->relocs;

	section->bytes = frames->bytes;
	section->relocs = frames->relocs;
	frames->bytes = bytes;
	frames->relocs = relocs;
	section->size = frames->size;
	section->n_relocs = frames->n_relocs;
	section->keep = frames->size > 0;
}

static bool is_frames(const struct lp_section *section)
{
	return section->name && !strcmp(section->name, ".eh_frame");
}

/* A symbol in the middle of one names a record that may go; only start files define any. */
static bool names_record(const struct lp_relobj *obj, const struct lp_symbol *symbol)
{
	return symbol->value && symbol->section != SHN_UNDEF && symbol->section < obj->n_sections &&
	       is_frames(&obj->sections[symbol->section]);
}

static int symbols_check(const struct lp_relobj *obj)
{
	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (names_record(obj, &obj->symbols[i]))
			return -EBADMSG;
	return 0;
}

int lp_frames_filter(struct lp_relobj *obj)
{
	struct frames *list = calloc((size_t)obj->n_sections + 1, sizeof(*list));
	int err = list ? symbols_check(obj) : -ENOMEM;
	size_t count = 0;

	for (uint32_t i = 1; i < obj->n_sections && !err; i++) {
		if (!is_frames(&obj->sections[i]))
			continue;
		list[count].section = &obj->sections[i];
		err = frames_rebuild(obj, &list[count++]);
	}
	for (size_t i = 0; i < count; i++) {
		if (!err)
			frames_commit(&list[i]);
		free(list[i].records);
		free(list[i].bytes);
		free(list[i].relocs);
	}
	free(list);
	return err;
}
