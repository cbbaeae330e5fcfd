/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "info.h"

struct reader {
	struct lp_info *info;
	const char *why;
	const Elf64_Shdr *sections;
	uint32_t n_sections;
	const uint8_t *table; /* the description */
	const struct lp_file *file;
	const char *strings;
	const Elf64_Sym *symbols;
	size_t n_symbols;
	const char *symbol_names;
	size_t symbol_names_size;
};

static int bad(struct reader *r, const char *why)
{
	r->why = why;
	return -EBADMSG;
}

static int read_file(struct lp_info *info, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_size > LP_FILE_MAX_BYTES)
		err = -EBADMSG;
	else if (!(info->bytes = calloc(1, (size_t)st.st_size + 1)))
		err = -ENOMEM;
	while (!err && info->size < (size_t)st.st_size) {
		ssize_t size = read(fd, info->bytes + info->size, (size_t)st.st_size - info->size);

		if (size > 0)
			info->size += (size_t)size;
		else if (!size)
			break;
		else if (errno != EINTR)
			err = -errno;
	}
	close(fd);
	return err;
}

static bool inside(uint64_t offset, uint64_t size, uint64_t all)
{
	return offset <= all && size <= all - offset;
}

/* The sections' table, and that each section lies in the file. */
static int open_sections(struct reader *r)
{
	const struct lp_info *info = r->info;
	const Elf64_Ehdr *header = (const void *)info->bytes;

	if (info->size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_type != ET_REL || header->e_machine != EM_X86_64)
		return bad(r, "it is not an x86-64 relocatable ELF file");
	if (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shoff % 8 || !header->e_shnum ||
	    header->e_shstrndx >= header->e_shnum ||
	    !inside(header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr), info->size))
		return bad(r, "its section table is damaged");
	r->sections = (const void *)(info->bytes + header->e_shoff);
	r->n_sections = header->e_shnum;
	for (uint32_t i = 1; i < r->n_sections; i++)
		if (r->sections[i].sh_type != SHT_NOBITS &&
		    !inside(r->sections[i].sh_offset, r->sections[i].sh_size, info->size))
			return bad(r, "a section lies outside of the file");
	return 0;
}

static const char *section_name(const struct reader *r, uint32_t i)
{
	const Elf64_Ehdr *header = (const void *)r->info->bytes;
	const Elf64_Shdr *names = &r->sections[header->e_shstrndx];
	const char *bytes = (const char *)r->info->bytes + names->sh_offset;

	if (names->sh_type != SHT_STRTAB || !names->sh_size || bytes[names->sh_size - 1] ||
	    r->sections[i].sh_name >= names->sh_size)
		return "";
	return bytes + r->sections[i].sh_name;
}

static int open_symbols(struct reader *r, const Elf64_Shdr *section)
{
	const Elf64_Shdr *strings;

	if (section->sh_link >= r->n_sections || section->sh_offset % 8)
		return bad(r, "its symbol table is damaged");
	strings = &r->sections[section->sh_link];
	r->symbols = (const void *)(r->info->bytes + section->sh_offset);
	r->n_symbols = section->sh_size / sizeof(Elf64_Sym);
	r->symbol_names = (const char *)r->info->bytes + strings->sh_offset;
	r->symbol_names_size = strings->sh_size;
	if (strings->sh_type != SHT_STRTAB || !strings->sh_size ||
	    r->symbol_names[strings->sh_size - 1])
		return bad(r, "its symbol names are damaged");
	return 0;
}

static int open_table(struct reader *r, const Elf64_Shdr *section)
{
	if (section->sh_type != SHT_PROGBITS || section->sh_offset % 8 ||
	    section->sh_size < sizeof(struct lp_file))
		return bad(r, "its description is damaged");
	r->table = r->info->bytes + section->sh_offset;
	r->file = (const void *)r->table;
	if (r->file->magic != LP_FILE_MAGIC)
		return bad(r, "its description does not start as one does");
	if (r->file->version != LP_FILE_VERSION)
		return bad(r, "it was made for another version of suture");
	if (r->file->size != section->sh_size)
		return bad(r, "its description has another size than it says");
	return 0;
}

static int find_sections(struct reader *r)
{
	int err = 0;

	for (uint32_t i = 1; i < r->n_sections && !err; i++) {
		const Elf64_Shdr *section = &r->sections[i];

		if (section->sh_flags & SHF_ALLOC) {
			if (section->sh_flags & SHF_EXECINSTR)
				r->info->code_size += section->sh_size;
			else
				r->info->data_size += section->sh_size;
		}
		if (section->sh_type == SHT_SYMTAB && !r->symbols)
			err = open_symbols(r, section);
		if (!err && !r->file && section->sh_type != SHT_NOBITS &&
		    !strcmp(section_name(r, i), LP_FILE_SECTION))
			err = open_table(r, section);
	}
	if (!err && (!r->file || !r->symbols))
		return bad(r, "it has no description of a patch: it is another object file");
	return err;
}

static bool table_ok(const struct reader *r, struct lp_table table, size_t entry)
{
	return table.offset % (entry > 1 ? 8 : 1) == 0 &&
	       inside(table.offset, (uint64_t)table.count * entry, r->file->size);
}

static int check_tables(struct reader *r)
{
	const struct lp_file *f = r->file;

	if (!table_ok(r, f->strings, 1) || !table_ok(r, f->moved, 1) ||
	    !table_ok(r, f->objects, sizeof(struct lp_file_object)) ||
	    !table_ok(r, f->functions, sizeof(struct lp_file_function)) ||
	    !table_ok(r, f->parts, sizeof(struct lp_file_part)) ||
	    !table_ok(r, f->fixups, sizeof(struct lp_file_fixup)) ||
	    !table_ok(r, f->obsoletes, sizeof(uint64_t)) ||
	    !table_ok(r, f->requires, sizeof(uint32_t)) ||
	    !table_ok(r, f->holds, sizeof(struct lp_file_hold)) ||
	    !table_ok(r, f->states, sizeof(struct lp_file_state)) ||
	    !table_ok(r, f->places, sizeof(struct lp_file_place)))
		return bad(r, "a table of its description lies outside of it");
	if (f->objects.count > LP_FILE_MAX_OBJECTS || f->functions.count > LP_FILE_MAX_FUNCTIONS)
		return bad(r, "it has too many objects or functions");
	r->strings = (const char *)r->table + f->strings.offset;
	if (f->strings.count < 2 || r->strings[0] || r->strings[f->strings.count - 1])
		return bad(r, "its strings are damaged");
	return 0;
}

/* 0 is no string; NULL in *string then. */
static int read_string(struct reader *r, uint32_t offset, const char **string)
{
	if (offset >= r->file->strings.count)
		return bad(r, "a string lies outside of its strings");
	*string = offset ? r->strings + offset : NULL;
	return 0;
}

static int read_new(struct reader *r, uint32_t index, struct lp_info_function *function)
{
	const Elf64_Sym *symbol;

	if (!index || index >= r->n_symbols)
		return bad(r, "a function has no replacement");
	symbol = &r->symbols[index];
	if (symbol->st_name >= r->symbol_names_size)
		return bad(r, "a symbol has no name");
	function->new_name = r->symbol_names + symbol->st_name;
	function->new_size = symbol->st_size;
	return 0;
}

static int read_function(struct reader *r, const struct lp_file_function *from)
{
	struct lp_info_object *object;
	struct lp_info_function *function;

	if (from->object >= r->info->n_objects)
		return bad(r, "a function is of no object");
	if (from->entry_kind < LP_ENTRY_SINGLE || from->entry_kind > LP_ENTRY_MULTI)
		return bad(r, "a function has no entry");
	object = &r->info->objects[from->object];
	function = realloc(object->functions, (object->n_functions + 1) * sizeof(*function));
	if (!function)
		return -ENOMEM;
	object->functions = function;
	function += object->n_functions++;
	*function = (struct lp_info_function){
		.sympos = from->sympos,
		.old_addr = from->old_addr,
		.old_size = from->old_size,
		.n_parts = from->part_count,
		.entry_kind = from->entry_kind,
		.jump_offset = from->jump_offset,
		.window = from->window,
	};
	if (read_string(r, from->name, &function->name))
		return -EBADMSG;
	if (!function->name)
		return bad(r, "a function has no name");
	return read_new(r, from->new_symbol, function);
}

static int read_objects(struct reader *r)
{
	const struct lp_file_object *from = (const void *)(r->table + r->file->objects.offset);
	struct lp_info *info = r->info;

	info->objects = calloc(r->file->objects.count + 1u, sizeof(*info->objects));
	if (!info->objects)
		return -ENOMEM;
	info->n_objects = r->file->objects.count;
	for (size_t i = 0; i < info->n_objects; i++) {
		if (read_string(r, from[i].name, &info->objects[i].name))
			return -EBADMSG;
		if (from[i].build_id_size < 4 || from[i].build_id_size > LP_BUILD_ID_MAX)
			return bad(r, "an object has no build-id");
		for (uint32_t k = 0; k < from[i].build_id_size; k++)
			snprintf(info->objects[i].build_id + 2 * k, 3, "%02x", from[i].build_id[k]);
	}
	return 0;
}

static int read_functions(struct reader *r)
{
	const struct lp_file_function *from = (const void *)(r->table + r->file->functions.offset);
	int err = 0;

	for (uint32_t i = 0; i < r->file->functions.count && !err; i++)
		err = read_function(r, &from[i]);
	return err;
}

static int read_holds(struct reader *r)
{
	const struct lp_file_hold *from = (const void *)(r->table + r->file->holds.offset);

	for (uint32_t i = 0; i < r->file->holds.count; i++) {
		struct lp_info_object *object;
		const char **list, *name;

		if (from[i].object >= r->info->n_objects)
			return bad(r, "a held function is of no object");
		if (read_string(r, from[i].name, &name))
			return -EBADMSG;
		if (!name)
			return bad(r, "a held function has no name");
		object = &r->info->objects[from[i].object];
		/* its pieces follow it under the same name */
		if (object->n_holds && !strcmp(object->holds[object->n_holds - 1], name))
			continue;
		list = realloc(object->holds, (object->n_holds + 1) * sizeof(*list));
		if (!list)
			return -ENOMEM;
		object->holds = list;
		object->holds[object->n_holds++] = name;
	}
	return 0;
}

static int read_header(struct reader *r)
{
	struct lp_info *info = r->info;
	const struct lp_file_state *states = (const void *)(r->table + r->file->states.offset);
	const uint32_t *required = (const void *)(r->table + r->file->requires.offset);

	if (read_string(r, r->file->name, &info->name) ||
	    read_string(r, r->file->description, &info->description))
		return -EBADMSG;
	if (!info->name || !*info->name)
		return bad(r, "the patch has no name");
	info->description = info->description ? info->description : "";
	info->flags = r->file->flags;
	info->provides = r->file->provides;
	info->obsoletes = (const void *)(r->table + r->file->obsoletes.offset);
	info->n_obsoletes = r->file->obsoletes.count;
	info->required = calloc(r->file->requires.count + 1u, sizeof(*info->required));
	info->states = calloc(r->file->states.count + 1u, sizeof(*info->states));
	if (!info->required || !info->states)
		return -ENOMEM;
	for (uint32_t i = 0; i < r->file->states.count; i++)
		info->states[info->n_states++] = (struct lp_info_state){ states[i].id,
									 states[i].version };
	for (uint32_t i = 0; i < r->file->requires.count; i++) {
		if (read_string(r, required[i], &info->required[i]))
			return -EBADMSG;
		if (!info->required[i])
			return bad(r, "a required patch has no name");
		info->n_required++;
	}
	return 0;
}

/* The length of "CVE-2024-12345" at text, 0: there is none. */
static size_t cve_length(const char *text)
{
	size_t length = 4;

	if (strncmp(text, "CVE-", 4))
		return 0;
	while (isdigit((unsigned char)text[length]))
		length++;
	if (length == 4 || text[length] != '-' || !isdigit((unsigned char)text[length + 1]))
		return 0;
	for (length++; isdigit((unsigned char)text[length]);)
		length++;
	return length;
}

static bool cve_known(const struct lp_info *info, const char *text, size_t length)
{
	for (size_t i = 0; i < info->n_cves; i++)
		if (strlen(info->cves[i]) == length && !strncmp(info->cves[i], text, length))
			return true;
	return false;
}

static int find_cves(struct lp_info *info)
{
	for (const char *text = info->description; *text; text++) {
		size_t length = cve_length(text);
		char **list;

		if (!length || cve_known(info, text, length))
			continue;
		list = realloc(info->cves, (info->n_cves + 1) * sizeof(*list));
		if (!list)
			return -ENOMEM;
		info->cves = list;
		list[info->n_cves] = strndup(text, length);
		if (!list[info->n_cves])
			return -ENOMEM;
		info->n_cves++;
	}
	return 0;
}

int lp_info_create(struct lp_info **info, const char *path, const char **why)
{
	struct reader r = { .info = calloc(1, sizeof(struct lp_info)) };
	int err;

	if (!r.info)
		return -ENOMEM;
	r.why = "it is too big, or no file";
	err = read_file(r.info, path);
	err = err ? err : open_sections(&r);
	err = err ? err : find_sections(&r);
	err = err ? err : check_tables(&r);
	err = err ? err : read_header(&r);
	err = err ? err : read_objects(&r);
	err = err ? err : read_functions(&r);
	err = err ? err : read_holds(&r);
	err = err ? err : find_cves(r.info);
	if (err) {
		lp_info_destroy(r.info);
		if (err == -EBADMSG)
			*why = r.why;
		return err;
	}
	*info = r.info;
	return 0;
}

void lp_info_destroy(struct lp_info *info)
{
	if (!info)
		return;
	for (size_t i = 0; i < info->n_cves; i++)
		free(info->cves[i]);
	for (size_t i = 0; i < info->n_objects; i++) {
		free(info->objects[i].functions);
		free(info->objects[i].holds);
	}
	free(info->cves);
	free(info->objects);
	free(info->required);
	free(info->states);
	free(info->bytes);
	free(info);
}

const char *lp_info_entry_word(enum lp_entry_kind kind)
{
	switch (kind) {
	case LP_ENTRY_SINGLE:
		return "single";
	case LP_ENTRY_PAD:
		return "pad";
	case LP_ENTRY_MULTI:
		return "multi";
	}
	return "none";
}
