/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * source.h - an ELF file opened with libelf. Inside src/elf only.
 */
#ifndef LP_ELF_SOURCE_H
#define LP_ELF_SOURCE_H

#include <gelf.h>
#include <libelf.h>

#include "file.h"

struct lp_elf_source {
	int fd;
	Elf *elf;
	size_t size; /* bytes of the file */
	const uint8_t *raw; /* the file */
};

/* 0, -EBADMSG (not a 64-bit x86-64 ELF file), or the errno of open(2). */
int lp_elf_source_open(struct lp_elf_source **source, const char *path);
void lp_elf_source_close(struct lp_elf_source *source);

/* The first section of that type (and name, if not NULL), or NULL. */
Elf_Scn *lp_elf_source_section(struct lp_elf_source *source, uint32_t type, const char *name,
			       GElf_Shdr *header);
int lp_elf_source_build_id(struct lp_elf_source *source, uint8_t id[LP_ELF_BUILD_ID_MAX]);

/* Fill in the symbols, imports and indices; the frames. 0 or a negative errno. */
int lp_elf_symbols_load(struct lp_elf *elf);
void lp_elf_symbols_free(struct lp_elf *elf);
int lp_elf_frames_load(struct lp_elf *elf);

#endif
