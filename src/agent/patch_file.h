/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * patch_file.h - a .lp as bytes: every offset, count, string, symbol and relocation in it is
 * checked here, once, before anything else looks at them. Nothing is mapped, nothing changed.
 */
#ifndef LP_AGENT_PATCH_FILE_H
#define LP_AGENT_PATCH_FILE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <suture/lpfile.h>

struct lp_patch_file {
	uint8_t *bytes; /* the file, in private memory: a later change of the file is not seen */
	size_t size;
	const Elf64_Shdr *sections;
	uint32_t n_sections;
	const char *section_names; /* checked: every sh_name ends in it */
	const Elf64_Sym *symbols;
	uint32_t n_symbols;
	const char *symbol_names; /* checked likewise */
	/* the description; all tables are inside and aligned, all indices in range */
	const struct lp_file *info;
	const char *strings;
	const struct lp_file_object *objects;
	const struct lp_file_function *functions;
	const struct lp_file_part *parts;
	const uint8_t *moved;
	const struct lp_file_fixup *fixups;
	const uint64_t *obsoletes;
	const uint32_t *requires;
	const struct lp_file_hold *holds;
	const struct lp_file_state *states;
	const struct lp_file_place *places; /* ascending */
};

/*
 * Reads and checks. 0; or -EBADMSG with *why a sentence in static storage; or another negative
 * errno. On failure nothing is left behind.
 */
int lp_patch_file_open(struct lp_patch_file *file, int fd, const char **why);
void lp_patch_file_close(struct lp_patch_file *file);

/* A string of the description; NULL for offset 0: none. */
static inline const char *lp_patch_file_string(const struct lp_patch_file *file, uint32_t offset)
{
	return offset ? file->strings + offset : NULL;
}

#endif
