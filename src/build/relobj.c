/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relobj.h"

static int load_section(struct lp_section *section, Elf *elf, Elf_Scn *scn, size_t names)
{
	GElf_Shdr header;
	Elf_Data *data;
	const char *name;

	if (!gelf_getshdr(scn, &header))
		return -EBADMSG;
	name = elf_strptr(elf, names, header.sh_name);
	section->name = name ? strdup(name) : NULL;
	if (!section->name)
		return name ? -ENOMEM : -EBADMSG;
	section->type = header.sh_type;
	section->flags = header.sh_flags;
	section->align = header.sh_addralign;
	section->entsize = header.sh_entsize;
	section->size = header.sh_size;
	if (header.sh_type == SHT_NOBITS)
		return 0;
	/* raw: the relocations of notes and the like keep their offsets */
	data = elf_rawdata(scn, NULL);
	if (!data || data->d_size < header.sh_size)
		return -EBADMSG;
	section->bytes = malloc(header.sh_size + 1);
	if (!section->bytes)
		return -ENOMEM;
	if (header.sh_size)
		memcpy(section->bytes, data->d_buf, header.sh_size);
	section->bytes[header.sh_size] = 0;
	return 0;
}

static int load_sections(struct lp_relobj *obj, Elf *elf)
{
	size_t names, count;
	Elf_Scn *scn = NULL;
	int err = 0;

	if (elf_getshdrstrndx(elf, &names) || elf_getshdrnum(elf, &count) || count >= SHN_LORESERVE)
		return -EBADMSG;
	obj->sections = calloc(count + 1, sizeof(*obj->sections));
	if (!obj->sections)
		return -ENOMEM;
	obj->n_sections = (uint32_t)count;
	while (!err && (scn = elf_nextscn(elf, scn)))
		err = load_section(&obj->sections[elf_ndxscn(scn)], elf, scn, names);
	return err;
}

static int load_symbol(struct lp_relobj *obj, Elf *elf, const GElf_Sym *sym, size_t strings,
		       struct lp_symbol *symbol)
{
	const char *name = elf_strptr(elf, strings, sym->st_name);

	if (!name || (sym->st_shndx < SHN_LORESERVE && sym->st_shndx >= obj->n_sections))
		return -EBADMSG;
	*symbol = (struct lp_symbol){
		.name = strdup(name),
		.value = sym->st_value,
		.size = sym->st_size,
		.section = sym->st_shndx,
		.object = LP_SYMBOL_NO_OBJECT,
		.type = GELF_ST_TYPE(sym->st_info),
		.binding = GELF_ST_BIND(sym->st_info),
		.visibility = GELF_ST_VISIBILITY(sym->st_other),
	};
	return symbol->name ? 0 : -ENOMEM;
}

static int load_symbols(struct lp_relobj *obj, Elf *elf)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;
	Elf_Data *data;
	GElf_Sym sym;
	int err = 0;

	while ((scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, &header) && header.sh_type == SHT_SYMTAB)
			break;
	data = scn ? elf_getdata(scn, NULL) : NULL;
	if (!data)
		return -EBADMSG;
	obj->symbols = calloc(data->d_size / sizeof(Elf64_Sym) + 1, sizeof(*obj->symbols));
	if (!obj->symbols)
		return -ENOMEM;
	for (size_t i = 0; !err && i < data->d_size / sizeof(Elf64_Sym); i++) {
		if (!gelf_getsym(data, (int)i, &sym))
			return -EBADMSG;
		err = load_symbol(obj, elf, &sym, header.sh_link, &obj->symbols[i]);
		obj->n_symbols = (uint32_t)i + 1;
	}
	return err;
}

static int compare_relocs(const void *a, const void *b)
{
	const struct lp_relocation *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int load_relocs(struct lp_relobj *obj, Elf_Scn *scn, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	struct lp_section *section;
	GElf_Rela rela;
	size_t count = data ? data->d_size / sizeof(Elf64_Rela) : 0;

	if (!header->sh_info || header->sh_info >= obj->n_sections)
		return -EBADMSG;
	section = &obj->sections[header->sh_info];
	if (section->relocs)
		return -EBADMSG;
	section->relocs = calloc(count + 1, sizeof(*section->relocs));
	if (!section->relocs)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getrela(data, (int)i, &rela) ||
		    GELF_R_SYM(rela.r_info) >= obj->n_symbols || rela.r_offset >= section->size)
			return -EBADMSG;
		if (GELF_R_TYPE(rela.r_info) == R_X86_64_NONE)
			continue;
		section->relocs[section->n_relocs++] = (struct lp_relocation){
			.offset = rela.r_offset,
			.addend = rela.r_addend,
			.type = (uint32_t)GELF_R_TYPE(rela.r_info),
			.symbol = (uint32_t)GELF_R_SYM(rela.r_info),
		};
	}
	qsort(section->relocs, section->n_relocs, sizeof(*section->relocs), compare_relocs);
	return 0;
}

static int load_all_relocs(struct lp_relobj *obj, Elf *elf)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;
	int err = 0;

	while (!err && (scn = elf_nextscn(elf, scn))) {
		if (!gelf_getshdr(scn, &header))
			return -EBADMSG;
		if (header.sh_type == SHT_REL)
			return -EBADMSG;
		if (header.sh_type == SHT_RELA)
			err = load_relocs(obj, scn, &header);
	}
	return err;
}

static int load(struct lp_relobj *obj, Elf *elf)
{
	GElf_Ehdr header;
	int err;

	if (!elf || gelf_getclass(elf) != ELFCLASS64 || !gelf_getehdr(elf, &header) ||
	    header.e_machine != EM_X86_64 || header.e_type != ET_REL)
		return -EBADMSG;
	err = load_sections(obj, elf);
	err = err ? err : load_symbols(obj, elf);
	return err ? err : load_all_relocs(obj, elf);
}

int lp_relobj_open(struct lp_relobj *obj, const char *path, struct lp_build_refusal *refusal)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf;
	int err;

	*obj = (struct lp_relobj){ 0 };
	if (fd < 0)
		return -errno;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	err = load(obj, elf);
	elf_end(elf);
	close(fd);
	if (err)
		lp_relobj_close(obj);
	if (err == -EBADMSG)
		return lp_refuse(refusal, "bad-patch",
				 "%s is not an x86-64 relocatable object that can be read", path);
	return err;
}

void lp_relobj_close(struct lp_relobj *obj)
{
	for (uint32_t i = 0; i < obj->n_sections; i++) {
		free(obj->sections[i].name);
		free(obj->sections[i].bytes);
		free(obj->sections[i].relocs);
	}
	for (uint32_t i = 0; i < obj->n_symbols; i++)
		free(obj->symbols[i].name);
	free(obj->sections);
	free(obj->symbols);
	*obj = (struct lp_relobj){ 0 };
}

struct lp_section *lp_relobj_section(const struct lp_relobj *obj, const char *name)
{
	for (uint32_t i = 1; i < obj->n_sections; i++)
		if (!strcmp(obj->sections[i].name, name))
			return &obj->sections[i];
	return NULL;
}

struct lp_relocation *lp_section_reloc(const struct lp_section *section, uint64_t offset)
{
	struct lp_relocation key = { .offset = offset };

	if (!section->n_relocs)
		return NULL;
	return bsearch(&key, section->relocs, section->n_relocs, sizeof(key), compare_relocs);
}

uint32_t lp_relobj_function_at(const struct lp_relobj *obj, uint32_t section, uint64_t offset)
{
	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].section == section && obj->symbols[i].value == offset &&
		    obj->symbols[i].type == STT_FUNC)
			return i;
	return 0;
}
