/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "regular.h"
#include "source.h"

static int source_check(struct lp_elf_source *source)
{
	GElf_Ehdr header;

	if (!source->elf || elf_kind(source->elf) != ELF_K_ELF ||
	    gelf_getclass(source->elf) != ELFCLASS64 || !gelf_getehdr(source->elf, &header) ||
	    header.e_machine != EM_X86_64)
		return -EBADMSG;
	source->raw = (const uint8_t *)elf_rawfile(source->elf, &source->size);
	return source->raw ? 0 : -EBADMSG;
}

int lp_elf_source_open(struct lp_elf_source **source, const char *path)
{
	struct lp_elf_source *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return -ENOMEM;
	elf_version(EV_CURRENT);
	new->fd = lp_regular_open(path, 0);
	if (new->fd < 0) {
		err = new->fd;
	} else {
		new->elf = elf_begin(new->fd, ELF_C_READ_MMAP, NULL);
		err = source_check(new);
	}
	if (err) {
		lp_elf_source_close(new);
		return err;
	}
	*source = new;
	return 0;
}

void lp_elf_source_close(struct lp_elf_source *source)
{
	if (!source)
		return;
	if (source->elf)
		elf_end(source->elf);
	if (source->fd >= 0)
		close(source->fd);
	free(source);
}

Elf_Scn *lp_elf_source_section(struct lp_elf_source *source, uint32_t type, const char *name,
			       GElf_Shdr *header)
{
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(source->elf, &names))
		return NULL;
	while ((scn = elf_nextscn(source->elf, scn))) {
		const char *found;

		if (!gelf_getshdr(scn, header) || (type && header->sh_type != type))
			continue;
		found = elf_strptr(source->elf, names, header->sh_name);
		if (!name || (found && !strcmp(found, name)))
			return scn;
	}
	return NULL;
}

static int note_build_id(Elf_Data *data, uint8_t id[LP_ELF_BUILD_ID_MAX])
{
	size_t offset = 0, next, name, desc;
	GElf_Nhdr note;

	while ((next = gelf_getnote(data, offset, &note, &name, &desc))) {
		const char *bytes = data->d_buf;

		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") &&
		    !memcmp(bytes + name, "GNU", sizeof("GNU")) && note.n_descsz >= 4 &&
		    note.n_descsz <= LP_ELF_BUILD_ID_MAX) {
			memcpy(id, bytes + desc, note.n_descsz);
			return (int)note.n_descsz;
		}
		offset = next;
	}
	return 0;
}

int lp_elf_source_build_id(struct lp_elf_source *source, uint8_t id[LP_ELF_BUILD_ID_MAX])
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	while ((scn = elf_nextscn(source->elf, scn))) {
		Elf_Data *data;
		int size;

		if (!gelf_getshdr(scn, &header) || header.sh_type != SHT_NOTE)
			continue;
		data = elf_getdata(scn, NULL);
		size = data && data->d_buf ? note_build_id(data, id) : 0;
		if (size)
			return size;
	}
	return 0;
}

int lp_elf_build_id(const char *path, uint8_t id[LP_ELF_BUILD_ID_MAX])
{
	struct lp_elf_source *source;
	int size = lp_elf_source_open(&source, path);

	if (size)
		return size;
	size = lp_elf_source_build_id(source, id);
	lp_elf_source_close(source);
	return size;
}
