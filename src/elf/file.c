/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debuginfod.h"
#include "source.h"

static enum lp_elf_kind section_kind(const GElf_Shdr *header, const char *name)
{
	if (header->sh_flags & SHF_TLS)
		return LP_ELF_NONE;
	if (header->sh_flags & SHF_EXECINSTR) {
		if (!strncmp(name, ".plt", 4))
			return LP_ELF_PLT;
		if (!strcmp(name, ".init") || !strcmp(name, ".fini"))
			return LP_ELF_INIT;
		return LP_ELF_CODE;
	}
	if (header->sh_type == SHT_NOBITS)
		return LP_ELF_BSS;
	return header->sh_flags & SHF_WRITE ? LP_ELF_DATA : LP_ELF_RODATA;
}

static int compare_sections(const void *a, const void *b)
{
	const struct lp_elf_section *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static int sections_load(struct lp_elf *elf)
{
	size_t names, count;
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	if (elf_getshdrstrndx(elf->file->elf, &names) || elf_getshdrnum(elf->file->elf, &count))
		return -EBADMSG;
	elf->sections = calloc(count + 1, sizeof(*elf->sections));
	if (!elf->sections)
		return -ENOMEM;
	while ((scn = elf_nextscn(elf->file->elf, scn))) {
		const char *name;

		if (!gelf_getshdr(scn, &header) || !(header.sh_flags & SHF_ALLOC) ||
		    (header.sh_flags & SHF_TLS))
			continue;
		name = elf_strptr(elf->file->elf, names, header.sh_name);
		if (!name || header.sh_addr + header.sh_size < header.sh_addr)
			return -EBADMSG;
		elf->sections[elf->n_sections++] = (struct lp_elf_section){
			.name = name,
			.addr = header.sh_addr,
			.size = header.sh_size,
			.kind = section_kind(&header, name),
		};
	}
	qsort(elf->sections, elf->n_sections, sizeof(*elf->sections), compare_sections);
	return 0;
}

static const char *soname_load(struct lp_elf *elf)
{
	GElf_Shdr header;
	Elf_Scn *scn = lp_elf_source_section(elf->file, SHT_DYNAMIC, NULL, &header);
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	GElf_Dyn dyn;

	for (int i = 0; data && gelf_getdyn(data, i, &dyn); i++)
		if (dyn.d_tag == DT_SONAME)
			return elf_strptr(elf->file->elf, header.sh_link, dyn.d_un.d_val);
	return NULL;
}

/* Whether it names an interpreter; the size of its thread-local segment. */
static bool segments_load(struct lp_elf *elf)
{
	bool interpreter = false;
	GElf_Phdr header;
	size_t count;

	if (elf_getphdrnum(elf->file->elf, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf->file->elf, (int)i, &header))
			continue;
		interpreter |= header.p_type == PT_INTERP;
		if (header.p_type == PT_TLS) {
			elf->tls_size = header.p_memsz;
			elf->tls_align = header.p_align;
		}
	}
	return interpreter;
}

static int header_load(struct lp_elf *elf)
{
	GElf_Ehdr header;
	int size;

	gelf_getehdr(elf->file->elf, &header);
	if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
		return -EBADMSG;
	size = lp_elf_source_build_id(elf->file, elf->build_id);
	elf->build_id_size = (uint32_t)size;
	elf->soname = soname_load(elf);
	elf->executable = segments_load(elf) && !elf->soname;
	elf->executable |= header.e_type == ET_EXEC;
	return sections_load(elf);
}

static bool same_build(const struct lp_elf *elf, struct lp_elf_source *debug)
{
	uint8_t id[LP_ELF_BUILD_ID_MAX];
	int size = lp_elf_source_build_id(debug, id);

	return size && (uint32_t)size == elf->build_id_size && !memcmp(id, elf->build_id, size);
}

/* A file that may not be there, or may be of another build. */
static void debug_try(struct lp_elf *elf, const char *path)
{
	if (lp_elf_source_open(&elf->debug, path)) {
		elf->debug = NULL;
	} else if (!same_build(elf, elf->debug)) {
		lp_elf_source_close(elf->debug);
		elf->debug = NULL;
	}
}

/* The usual places of separate debug files; it not being there is no error. */
static void debug_find(struct lp_elf *elf)
{
	char path[64 + 2 * LP_ELF_BUILD_ID_MAX] = "/usr/lib/debug/.build-id/";
	size_t used = strlen(path);
	char *fetched;

	if (elf->build_id_size < 2)
		return;
	for (uint32_t i = 0; i < elf->build_id_size; i++)
		used += (size_t)snprintf(path + used, sizeof(path) - used, "%02x%s",
					 elf->build_id[i], i ? "" : "/");
	snprintf(path + used, sizeof(path) - used, ".debug");
	debug_try(elf, path);
	if (elf->debug || lp_debuginfod_find(elf->build_id, elf->build_id_size, &fetched))
		return;
	debug_try(elf, fetched);
	free(fetched);
}

static int debug_open(struct lp_elf *elf, const char *debug_path)
{
	GElf_Shdr header;
	int err;

	if (debug_path) {
		err = lp_elf_source_open(&elf->debug, debug_path);
		if (err) {
			elf->debug = NULL;
			return err;
		}
		return same_build(elf, elf->debug) ? 0 : -ESTALE;
	}
	if (!lp_elf_source_section(elf->file, SHT_SYMTAB, NULL, &header))
		debug_find(elf);
	return 0;
}

int lp_elf_open(struct lp_elf **elf, const char *path, const char *debug_path)
{
	struct lp_elf *new = calloc(1, sizeof(*new));
	const char *slash;
	int err;

	if (!new)
		return -ENOMEM;
	new->path = strdup(path);
	if (!new->path) {
		free(new);
		return -ENOMEM;
	}
	slash = strrchr(new->path, '/');
	new->name = slash ? slash + 1 : new->path;
	err = lp_elf_source_open(&new->file, path);
	err = err ? err : header_load(new);
	err = err ? err : debug_open(new, debug_path);
	err = err ? err : lp_elf_symbols_load(new);
	err = err ? err : lp_elf_frames_load(new);
	if (err) {
		lp_elf_close(new);
		return err;
	}
	*elf = new;
	return 0;
}

void lp_elf_close(struct lp_elf *elf)
{
	if (!elf)
		return;
	lp_elf_symbols_free(elf);
	lp_elf_source_close(elf->file);
	lp_elf_source_close(elf->debug);
	free(elf->frames);
	free(elf->sections);
	free(elf->path);
	free(elf);
}

const uint8_t *lp_elf_bytes(const struct lp_elf *elf, uint64_t addr, uint64_t size)
{
	GElf_Phdr header;
	size_t count;

	if (elf_getphdrnum(elf->file->elf, &count))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		uint64_t offset;

		if (!gelf_getphdr(elf->file->elf, (int)i, &header) || header.p_type != PT_LOAD ||
		    addr < header.p_vaddr || addr - header.p_vaddr > header.p_filesz ||
		    size > header.p_filesz - (addr - header.p_vaddr))
			continue;
		offset = header.p_offset + (addr - header.p_vaddr);
		if (offset < header.p_offset || offset > elf->file->size ||
		    size > elf->file->size - offset)
			return NULL;
		return elf->file->raw + offset;
	}
	return NULL;
}

const struct lp_elf_section *lp_elf_section_at(const struct lp_elf *elf, uint64_t addr)
{
	size_t low = 0, high = elf->n_sections;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (elf->sections[middle].addr <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	/* empty sections share an address with the one behind them */
	while (low-- > 0) {
		const struct lp_elf_section *section = &elf->sections[low];

		if (addr - section->addr < section->size)
			return section;
		if (section->size)
			return NULL;
	}
	return NULL;
}

bool lp_elf_named(const struct lp_elf *elf, const char *name)
{
	return !strcmp(elf->name, name) || (elf->soname && !strcmp(elf->soname, name));
}
