/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * patch_check.h - the two halves of lp_patch_file_open()'s checks. Each takes file->bytes and
 * file->size as untrusted and sets the other members once what they lead to is proven.
 *
 * Both return NULL (good), or a sentence in static storage. Agent's thread only.
 */
#ifndef LP_AGENT_PATCH_CHECK_H
#define LP_AGENT_PATCH_CHECK_H

#include <stdbool.h>

#include "patch_file.h"

/* The ELF part: header, sections, symbols, relocations. */
const char *lp_elf_check(struct lp_patch_file *file);
/* The description; after lp_elf_check(). */
const char *lp_info_check(struct lp_patch_file *file);
/* No function, entry or padding overlaps another, none is named twice; used by lp_info_check(). */
const char *lp_overlap_check(const struct lp_patch_file *file);

/* Whether a section is part of the loaded patch. */
static inline bool lp_section_is_loaded(const Elf64_Shdr *section)
{
	return section->sh_flags & SHF_ALLOC && section->sh_type != SHT_RELA && section->sh_size;
}

#endif
