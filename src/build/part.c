/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Code of a function that lies elsewhere: the pieces and clones that compilers make.
 */
#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "phase.h"

/* After NAME: ".cold", ".part.0", ".constprop.0.isra.0.cold.1" ... *clone: a copy, not a piece. */
static bool suffix_is_part(const char *suffix, bool *clone)
{
	static const char *const pieces[] = { ".cold", ".part" };
	static const char *const clones[] = { ".constprop", ".isra" };
	bool any = false;

	while (*suffix) {
		const char *rest = NULL;

		for (size_t i = 0; i < 2 && !rest; i++) {
			if (!strncmp(suffix, pieces[i], strlen(pieces[i])))
				rest = suffix + strlen(pieces[i]);
			if (!strncmp(suffix, clones[i], strlen(clones[i]))) {
				rest = suffix + strlen(clones[i]);
				*clone = true;
			}
		}
		if (!rest || (*rest && *rest != '.'))
			return false;
		if (rest[0] == '.' && isdigit((unsigned char)rest[1]))
			for (rest++; isdigit((unsigned char)*rest);)
				rest++;
		suffix = rest;
		any = true;
	}
	return any;
}

static int part_add(struct lp_file_part **parts, size_t *count, uint64_t addr, uint64_t size)
{
	void *list;

	for (size_t i = 0; i < *count; i++)
		if ((*parts)[i].addr == addr && (*parts)[i].size >= size)
			return 0;
	list = realloc(*parts, (*count + 1) * sizeof(**parts));
	if (!list)
		return -ENOMEM;
	*parts = list;
	(*parts)[(*count)++] = (struct lp_file_part){ addr, size };
	return 0;
}

static int parts_by_name(const struct lp_elf *elf, const struct lp_elf_symbol *symbol,
			 struct lp_file_part **parts, size_t *count, bool *clones)
{
	size_t length = strlen(symbol->name);
	int err = 0;

	for (size_t i = lp_elf_name_index(elf, symbol->name); i < elf->n_symbols && !err; i++) {
		const struct lp_elf_symbol *other = elf->by_name[i];
		bool clone = false;

		if (strncmp(other->name, symbol->name, length))
			break;
		if (other->type != STT_FUNC || !other->size || other->addr == symbol->addr ||
		    !suffix_is_part(other->name + length, &clone))
			continue;
		*clones |= clone;
		err = part_add(parts, count, other->addr, other->size);
	}
	return err;
}

/*
 * Without a symbol table a piece has no name. Whatever nameless code the function jumps to may be
 * one; a static function that is called last is taken for one too, which only costs waiting.
 */
static int parts_by_branch(const struct lp_elf *elf, const struct lp_code *code,
			   const struct lp_elf_symbol *symbol, struct lp_file_part **parts,
			   size_t *count)
{
	const uint8_t *bytes = lp_elf_bytes(elf, symbol->addr, symbol->size);
	uint64_t at = 0;
	int err = 0;

	while (bytes && at < symbol->size && !err) {
		const struct lp_extent *extent;
		struct lp_insn insn;

		if (!lp_decode(bytes + at, symbol->size - at, symbol->addr + at, &insn)) {
			at++;
			continue;
		}
		at += insn.size;
		if (!(insn.flags & LP_INSN_DIRECT) || (insn.flags & LP_INSN_CALL) ||
		    insn.target - symbol->addr < symbol->size)
			continue;
		extent = lp_code_extent_at(code, insn.target);
		if (extent && !extent->symbol)
			err = part_add(parts, count, extent->addr, extent->size);
	}
	return err;
}

int lp_pack_find_parts(const struct lp_elf *elf, const struct lp_code *code,
		       const struct lp_elf_symbol *symbol, struct lp_file_part **parts,
		       size_t *count, bool *clones)
{
	int err;

	*parts = NULL;
	*count = 0;
	*clones = false;
	err = parts_by_name(elf, symbol, parts, count, clones);
	if (!err && !elf->has_private)
		err = parts_by_branch(elf, code, symbol, parts, count);
	if (err) {
		free(*parts);
		*parts = NULL;
		*count = 0;
	}
	return err;
}
