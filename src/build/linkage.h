/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linkage.h - what the linker would make of a name that a source of a target leaves undefined. A
 * name is no more than that: a function of libc may have the name of a static one of another source.
 */
#ifndef LP_BUILD_LINKAGE_H
#define LP_BUILD_LINKAGE_H

#include "../elf/file.h"

/*
 * The target's own definition. inside: the source declares it hidden. 0; -ENOENT: it has none that
 * is meant, and the name is looked up in the process; -ENOTUNIQ: it cannot be told.
 */
int lp_linkage_find(const struct lp_elf *target, const char *name, bool inside,
		    const struct lp_elf_symbol **found);

#endif
