/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scope.h - whose a symbol was before the linker made it local: of one source (static), or of all
 * objects that were linked (hidden, or by a version script).
 */
#ifndef LP_ELF_SCOPE_H
#define LP_ELF_SCOPE_H

#include "file.h"

enum lp_elf_scope {
	LP_ELF_SCOPE_UNKNOWN,
	LP_ELF_SCOPE_SOURCE,
	LP_ELF_SCOPE_OBJECT,
};

/* symbol: one of elf->symbols. By the debug information; without, by its place in the table. */
enum lp_elf_scope lp_elf_scope_of(const struct lp_elf *elf, const struct lp_elf_symbol *symbol);

#endif
