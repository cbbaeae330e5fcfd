/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * naming.h - which names of a target's symbol table are those of a unit. Sources have private functions and
 * variables of the same names: a local symbol is the unit's only if it stands behind the name of its
 * source. And a name that is not there tells something only where private names have not been stripped.
 */
#ifndef LP_BUILD_NAMING_H
#define LP_BUILD_NAMING_H

#include "../elf/file.h"
#include "relobj.h"

struct lp_naming {
	const struct lp_elf *elf;
	const char
		*source; /* as the unit's object calls it, if the target has that too; else NULL */
	uint32_t file; /* its place in elf->files; 0: not known, or several have that name */
	bool known; /* the target has names of private functions or variables of that source */
};

/* The object must outlive it. */
void lp_naming_init(struct lp_naming *naming, const struct lp_relobj *obj,
		    const struct lp_elf *elf);

/* A private symbol of the object lies there: if several sources have its name, this tells which it is. */
void lp_naming_learn(struct lp_naming *naming, const struct lp_symbol *symbol, uint64_t addr);

/* Whether a function of the target's can be the object's; bytes are to tell whether it is. */
bool lp_naming_allows(const struct lp_naming *naming, const struct lp_symbol *symbol,
		      const struct lp_elf_symbol *other);

/* Whether a symbol of the target's is the object's by its name alone. */
bool lp_naming_proves(const struct lp_naming *naming, const struct lp_symbol *symbol,
		      const struct lp_elf_symbol *other);

/* Whether the target would name that symbol if it had it. */
bool lp_naming_is_complete(const struct lp_naming *naming, const struct lp_symbol *symbol);

#endif
