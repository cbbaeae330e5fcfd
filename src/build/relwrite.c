/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes a relocatable object: the kept sections in their order, for each its relocations, those
 * against symbols of a target object apart from the others; then the tables.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <suture/lpfile.h>

#include "relobj.h"

#define SHF_RELA_LIVEPATCH 0x00100000 /* as the kernel marks .klp.rela sections */

struct writer {
	struct lp_relobj *obj;
	const char *const *object_names;
	struct lp_buffer *file;
	struct lp_buffer headers; /* Elf64_Shdr */
	struct lp_buffer names;
	uint32_t symtab; /* section index it will have */
};

void lp_relobj_number(struct lp_relobj *obj)
{
	uint32_t next = 1;

	for (uint32_t i = 1; i < obj->n_sections; i++)
		if (obj->sections[i].keep)
			obj->sections[i].out = next++;
	next = 1;
	for (int global = 0; global < 2; global++)
		for (uint32_t i = 1; i < obj->n_symbols; i++)
			if (obj->symbols[i].keep &&
			    (obj->symbols[i].binding != STB_LOCAL) == global)
				obj->symbols[i].out = next++;
}

static uint32_t header_add(struct writer *w, const char *name, Elf64_Shdr header)
{
	uint32_t index = (uint32_t)(w->headers.size / sizeof(header));

	header.sh_name = (Elf64_Word)lp_buffer_string(&w->names, name);
	lp_buffer_add(&w->headers, &header, sizeof(header));
	return index;
}

static void section_write(struct writer *w, struct lp_section *section)
{
	Elf64_Shdr header = {
		.sh_type = section->type,
		.sh_flags = section->flags,
		.sh_size = section->size,
		.sh_addralign = section->align,
		.sh_entsize = section->entsize,
	};

	header.sh_offset = lp_buffer_align(w->file, section->align);
	if (section->bytes)
		lp_buffer_add(w->file, section->bytes, section->size);
	section->out = header_add(w, section->name, header);
}

/* The relocations of a section whose symbols live in one object; false: there are none. */
static bool relocs_collect(struct writer *w, const struct lp_section *section, uint32_t object,
			   Elf64_Shdr *header)
{
	header->sh_offset = lp_buffer_align(w->file, 8);
	for (size_t i = 0; i < section->n_relocs; i++) {
		const struct lp_relocation *reloc = &section->relocs[i];
		const struct lp_symbol *symbol = &w->obj->symbols[reloc->symbol];
		Elf64_Rela rela = {
			.r_offset = reloc->offset,
			.r_info = ELF64_R_INFO((uint64_t)symbol->out, reloc->type),
			.r_addend = reloc->addend,
		};

		if (symbol->object != object || (reloc->symbol && !symbol->keep))
			continue;
		lp_buffer_add(w->file, &rela, sizeof(rela));
		header->sh_size += sizeof(rela);
	}
	return header->sh_size > 0;
}

static void relocs_write(struct writer *w, const struct lp_section *section, uint32_t object)
{
	Elf64_Shdr header = {
		.sh_type = SHT_RELA,
		.sh_flags = SHF_INFO_LINK,
		.sh_link = w->symtab,
		.sh_info = section->out,
		.sh_addralign = 8,
		.sh_entsize = sizeof(Elf64_Rela),
	};
	struct lp_buffer name = { 0 };

	if (!relocs_collect(w, section, object, &header))
		return;
	if (object == LP_SYMBOL_NO_OBJECT) {
		lp_buffer_print(&name, ".rela%s", section->name);
	} else {
		header.sh_flags |= SHF_RELA_LIVEPATCH;
		lp_buffer_print(&name, ".klp.rela.%s.%s", w->object_names[object], section->name);
	}
	lp_buffer_add(&name, "", 1);
	w->file->failed |= name.failed;
	if (!name.failed)
		header_add(w, (const char *)name.bytes, header);
	lp_buffer_free(&name);
}

static uint32_t objects_count(const struct writer *w)
{
	uint32_t count = 0;

	while (w->object_names[count])
		count++;
	return count;
}

static Elf64_Section section_index(const struct writer *w, const struct lp_symbol *symbol)
{
	if (symbol->object != LP_SYMBOL_NO_OBJECT)
		return LP_SHN_LIVEPATCH;
	if (symbol->section == SHN_UNDEF || symbol->section >= SHN_LORESERVE)
		return (Elf64_Section)symbol->section;
	return (Elf64_Section)w->obj->sections[symbol->section].out;
}

static void symbol_write(struct writer *w, const struct lp_symbol *symbol, struct lp_buffer *table,
			 struct lp_buffer *strings)
{
	Elf64_Sym sym = {
		.st_name = (Elf64_Word)lp_buffer_string(strings, symbol->name),
		.st_info = ELF64_ST_INFO(symbol->binding, symbol->type),
		.st_other = symbol->visibility,
		.st_shndx = section_index(w, symbol),
		.st_value = symbol->value,
		.st_size = symbol->size,
	};

	lp_buffer_add(table, &sym, sizeof(sym));
}

static void symbols_write(struct writer *w, struct lp_buffer *strings)
{
	struct lp_buffer table = { 0 };
	Elf64_Shdr header = {
		.sh_type = SHT_SYMTAB,
		.sh_link = w->symtab + 1,
		.sh_info = 1,
		.sh_addralign = 8,
		.sh_entsize = sizeof(Elf64_Sym),
	};

	lp_buffer_add(&table, NULL, sizeof(Elf64_Sym));
	for (int global = 0; global < 2; global++)
		for (uint32_t i = 1; i < w->obj->n_symbols; i++) {
			const struct lp_symbol *symbol = &w->obj->symbols[i];

			if (!symbol->keep || (symbol->binding != STB_LOCAL) != global)
				continue;
			symbol_write(w, symbol, &table, strings);
			header.sh_info += !global;
		}
	header.sh_offset = lp_buffer_align(w->file, 8);
	header.sh_size = table.size;
	lp_buffer_add(w->file, table.bytes, table.size);
	header_add(w, ".symtab", header);
	w->file->failed |= table.failed;
	lp_buffer_free(&table);
}

static void strings_write(struct writer *w, const char *name, const struct lp_buffer *strings)
{
	Elf64_Shdr header = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };

	header.sh_offset = w->file->size;
	header.sh_size = strings->size;
	lp_buffer_add(w->file, strings->bytes, strings->size);
	header_add(w, name, header);
}

/* The section's own name is in the table that is being written: it goes in first. */
static void section_names_write(struct writer *w)
{
	Elf64_Shdr header = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };

	header.sh_name = (Elf64_Word)lp_buffer_string(&w->names, ".shstrtab");
	header.sh_offset = w->file->size;
	header.sh_size = w->names.size;
	lp_buffer_add(w->file, w->names.bytes, w->names.size);
	lp_buffer_add(&w->headers, &header, sizeof(header));
}

static void file_header(struct writer *w)
{
	Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_REL,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(header),
		.e_shentsize = sizeof(Elf64_Shdr),
	};
	size_t count = w->headers.size / sizeof(Elf64_Shdr);

	header.e_shoff = lp_buffer_align(w->file, 8);
	header.e_shnum = (Elf64_Half)count;
	header.e_shstrndx = (Elf64_Half)(count - 1);
	lp_buffer_add(w->file, w->headers.bytes, w->headers.size);
	if (!w->file->failed)
		memcpy(w->file->bytes, &header, sizeof(header));
}

/* Relocation sections name the symbol table by index, so they are counted before. */
static uint32_t symtab_index(struct writer *w)
{
	uint32_t index = 1, objects = objects_count(w);

	for (uint32_t i = 1; i < w->obj->n_sections; i++) {
		struct lp_section *section = &w->obj->sections[i];

		if (!section->keep)
			continue;
		index++;
		for (uint32_t object = 0; object <= objects; object++) {
			uint32_t wanted = object < objects ? object : LP_SYMBOL_NO_OBJECT;
			bool any = false;

			for (size_t k = 0; k < section->n_relocs && !any; k++) {
				uint32_t symbol = section->relocs[k].symbol;

				any = w->obj->symbols[symbol].object == wanted &&
				      (!symbol || w->obj->symbols[symbol].keep);
			}
			index += any;
		}
	}
	return index;
}

int lp_relobj_write(struct lp_relobj *obj, const char *const *object_names, struct lp_buffer *file)
{
	struct writer w = { .obj = obj, .object_names = object_names, .file = file };
	struct lp_buffer strings = { 0 };
	bool failed;

	lp_buffer_add(file, NULL, sizeof(Elf64_Ehdr));
	lp_buffer_add(&w.headers, NULL, sizeof(Elf64_Shdr));
	lp_buffer_string(&w.names, NULL);
	lp_buffer_string(&strings, NULL);
	w.symtab = symtab_index(&w);
	for (uint32_t i = 1; i < obj->n_sections; i++)
		if (obj->sections[i].keep)
			section_write(&w, &obj->sections[i]);
	for (uint32_t i = 1; i < obj->n_sections; i++) {
		if (!obj->sections[i].keep)
			continue;
		relocs_write(&w, &obj->sections[i], LP_SYMBOL_NO_OBJECT);
		for (uint32_t object = 0; object < objects_count(&w); object++)
			relocs_write(&w, &obj->sections[i], object);
	}
	symbols_write(&w, &strings);
	strings_write(&w, ".strtab", &strings);
	section_names_write(&w);
	file_header(&w);
	failed = file->failed || w.headers.failed || w.names.failed || strings.failed;
	lp_buffer_free(&w.headers);
	lp_buffer_free(&w.names);
	lp_buffer_free(&strings);
	return failed ? -ENOMEM : 0;
}
