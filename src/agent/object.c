// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dl_iterate_phdr */
#endif
#include "object.h"

#include <errno.h>
#include <link.h>
#include <string.h>

#include "alloc.h"
#include "peek.h"

#define PAGE 4096ul
#define MAX_HEADERS 1024 /* program headers of one object: far more than there ever are */

/* Where an object says what it is made of. */
struct headers {
	const ElfW(Phdr) * at;
	unsigned int count;
};

struct listing {
	struct lp_object *objects;
	struct headers *headers; /* of each */
	size_t capacity;
	size_t count; /* all there are, also those without room */
};

/* Whether [addr, addr + size) lies in one readable segment. */
static bool is_readable(const struct dl_phdr_info *info, uint64_t addr, uint64_t size)
{
	for (unsigned int i = 0; i < info->dlpi_phnum && i < MAX_HEADERS; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uint64_t start = info->dlpi_addr + header->p_vaddr;

		if (header->p_type == PT_LOAD && header->p_flags & PF_R && addr >= start &&
		    addr - start <= header->p_memsz && size <= header->p_memsz - (addr - start))
			return true;
	}
	return false;
}

/* Copies as much of a string as fits. */
static void copy_string(char *to, size_t room, const char *from)
{
	size_t size = strlen(from);

	if (size >= room)
		size = room - 1;
	memcpy(to, from, size);
	to[size] = '\0';
}

static void add_load(struct lp_object *object, const struct dl_phdr_info *info,
		     const ElfW(Phdr) * header)
{
	uint64_t start = info->dlpi_addr + (header->p_vaddr & ~(PAGE - 1));
	uint64_t end = info->dlpi_addr + header->p_vaddr + header->p_memsz;

	end = (end + PAGE - 1) & ~(PAGE - 1);
	if (!object->hi || start < object->lo)
		object->lo = start;
	if (end > object->hi)
		object->hi = end;
	if (!(header->p_flags & PF_X))
		return;
	if (!object->text_hi || start < object->text_lo)
		object->text_lo = start;
	if (end > object->text_hi)
		object->text_hi = end;
}

/* Notes are aligned to 4 bytes, or to 8 in a segment that says so (.note.gnu.property). */
static void find_build_id(struct lp_object *object, uint64_t addr, uint64_t size, uint64_t align)
{
	align = align == 8 ? 8 : 4;
	while (size >= sizeof(ElfW(Nhdr))) {
		ElfW(Nhdr) note;
		uint64_t at = sizeof(note), end;
		char name[4];

		if (lp_peek(addr, &note, sizeof(note)) < 0)
			return;
		at += ((uint64_t)note.n_namesz + align - 1) & ~(align - 1);
		end = at + (((uint64_t)note.n_descsz + align - 1) & ~(align - 1));
		if (at + note.n_descsz > size)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof(name) &&
		    note.n_descsz && note.n_descsz <= sizeof(object->build_id) &&
		    !lp_peek(addr + sizeof(note), name, sizeof(name)) &&
		    !memcmp(name, "GNU", sizeof(name)) &&
		    !lp_peek(addr + at, object->build_id, note.n_descsz)) {
			object->build_id_size = note.n_descsz;
			return;
		}
		if (end >= size)
			return;
		addr += end;
		size -= end;
	}
}

/* ld.so adds the base to the addresses in PT_DYNAMIC, but not where that is read-only (vdso). */
static uint64_t dynamic_addr(const struct lp_object *object, uint64_t value)
{
	return value >= object->lo && value < object->hi ? value : object->base + value;
}

static bool has_text(const char *bytes, uint64_t size, const char *text, uint64_t text_size)
{
	for (uint64_t i = 0; i + text_size <= size; i++)
		if (!memcmp(bytes + i, text, text_size))
			return true;
	return false;
}

/* The name stands among those of the dynamic symbols; the C library itself defines it. */
static bool names_swapcontext(uint64_t strtab, uint64_t strsz)
{
	static const char wanted[] = "\0swapcontext";
	char names[4096];

	for (uint64_t at = 0; at + sizeof(wanted) <= strsz; at += sizeof(names) - sizeof(wanted)) {
		uint64_t size = strsz - at < sizeof(names) ? strsz - at : sizeof(names);

		if (lp_peek(strtab + at, names, size) < 0)
			return false;
		if (has_text(names, size, wanted, sizeof(wanted)))
			return true;
	}
	return false;
}

static void read_dynamic(struct lp_object *object, const struct dl_phdr_info *info, uint64_t addr,
			 uint64_t size)
{
	uint64_t strtab = 0, strsz = 0, soname = 0;
	ElfW(Dyn) dyn;

	for (; size >= sizeof(dyn); addr += sizeof(dyn), size -= sizeof(dyn)) {
		if (lp_peek(addr, &dyn, sizeof(dyn)) < 0 || dyn.d_tag == DT_NULL)
			break;
		if (dyn.d_tag == DT_STRTAB)
			strtab = dynamic_addr(object, dyn.d_un.d_ptr);
		else if (dyn.d_tag == DT_STRSZ)
			strsz = dyn.d_un.d_val;
		else if (dyn.d_tag == DT_SONAME)
			soname = dyn.d_un.d_val;
	}
	if (!strtab || !is_readable(info, strtab, strsz))
		return;
	object->swaps_stacks = names_swapcontext(strtab, strsz);
	if (!soname || soname >= strsz)
		return;
	size = strsz - soname;
	if (size > sizeof(object->soname))
		size = sizeof(object->soname);
	if (lp_peek(strtab + soname, object->soname, size) < 0 || !memchr(object->soname, 0, size))
		memset(object->soname, 0, sizeof(object->soname));
}

static void add_header(struct lp_object *object, const struct dl_phdr_info *info,
		       const ElfW(Phdr) * header)
{
	uint64_t addr = info->dlpi_addr + header->p_vaddr;

	if (!is_readable(info, addr, header->p_memsz))
		return;
	switch (header->p_type) {
	case PT_NOTE:
		if (!object->build_id_size)
			find_build_id(object, addr, header->p_memsz, header->p_align);
		break;
	case PT_DYNAMIC:
		read_dynamic(object, info, addr, header->p_memsz);
		break;
	case PT_GNU_EH_FRAME:
		object->eh_frame_hdr = addr;
		object->eh_frame_hdr_size = header->p_memsz;
		break;
	}
}

static void describe(struct lp_object *object, const struct dl_phdr_info *info)
{
	for (unsigned int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD)
			add_load(object, info, &info->dlpi_phdr[i]);
	for (unsigned int i = 0; i < info->dlpi_phnum; i++)
		add_header(object, info, &info->dlpi_phdr[i]);
}

/*
 * Only what ld.so itself knows: it holds a lock meanwhile, which a child that is forked now would
 * have for ever.
 */
static int visit(struct dl_phdr_info *info, size_t info_size, void *context)
{
	struct listing *listing = context;
	const char *path = info->dlpi_name ? info->dlpi_name : "";
	const char *slash = strrchr(path, '/');
	size_t at = listing->count++;
	struct lp_object *object;

	if (at >= listing->capacity)
		return 0;
	object = &listing->objects[at];
	memset(object, 0, sizeof(*object));
	object->base = info->dlpi_addr;
	copy_string(object->path, sizeof(object->path), path);
	copy_string(object->name, sizeof(object->name), slash ? slash + 1 : path);
	if (info_size >= offsetof(struct dl_phdr_info, dlpi_tls_modid) + sizeof(size_t))
		object->tls_module = info->dlpi_tls_modid;
	listing->headers[at] = (struct headers){ info->dlpi_phdr, info->dlpi_phnum < MAX_HEADERS ?
									  info->dlpi_phnum :
									  MAX_HEADERS };
	return 0;
}

/* The rest. An object that has been closed since has no memory and lies nowhere. */
static int describe_all(struct listing *listing)
{
	ElfW(Phdr) *copy = lp_alloc(MAX_HEADERS * sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < listing->count; i++) {
		const struct headers *headers = &listing->headers[i];
		struct dl_phdr_info info = { .dlpi_addr = listing->objects[i].base,
					     .dlpi_phdr = copy,
					     .dlpi_phnum = (ElfW(Half))headers->count };

		if (!lp_peek((uint64_t)headers->at, copy, headers->count * sizeof(*copy)))
			describe(&listing->objects[i], &info);
	}
	lp_free(copy);
	return 0;
}

static int make_room(struct listing *listing)
{
	lp_free(listing->objects);
	lp_free(listing->headers);
	listing->capacity = listing->count + 8; /* more may come in the meantime */
	listing->count = 0;
	listing->objects = lp_alloc(listing->capacity * sizeof(*listing->objects));
	listing->headers = lp_alloc(listing->capacity * sizeof(*listing->headers));
	return listing->objects && listing->headers ? 0 : -ENOMEM;
}

struct lp_object *lp_objects_list(size_t *count)
{
	struct listing listing = { 0 };
	int r = 0;

	lp_peek_reset();
	for (;;) {
		dl_iterate_phdr(visit, &listing);
		if (listing.capacity && listing.count <= listing.capacity)
			break;
		r = make_room(&listing);
		if (r < 0)
			break;
	}
	if (r == 0)
		r = describe_all(&listing);
	lp_free(listing.headers);
	if (r < 0) {
		lp_free(listing.objects);
		return NULL;
	}
	*count = listing.count;
	return listing.objects;
}

const struct lp_object *lp_objects_find(const struct lp_object *objects, size_t count,
					const char *name)
{
	bool program = !name || !*name;

	for (size_t i = 0; i < count; i++) {
		const struct lp_object *object = &objects[i];

		if (program ? !*object->name :
			      !strcmp(object->name, name) || !strcmp(object->soname, name))
			return object;
	}
	return NULL;
}
