/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "linkage.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "../elf/scope.h"

/* What a target has of a name. */
struct definitions {
	const struct lp_elf_symbol *public; /* the best of them */
	const struct lp_elf_symbol *private;
	const struct lp_elf_symbol *doubtful; /* a local one, that may be static or not */
	size_t n_public, n_private, n_doubtful;
};

static void add(struct definitions *have, const struct lp_elf *target,
		const struct lp_elf_symbol *symbol)
{
	if (symbol->binding != STB_LOCAL) {
		/* of several versions the default one is meant */
		if (have->public && have->public->default_version && !symbol->default_version)
			return;
		have->n_public += !symbol->default_version || !have->public ||
				  have->public->default_version;
		have->public = symbol;
		return;
	}
	switch (lp_elf_scope_of(target, symbol)) {
	case LP_ELF_SCOPE_OBJECT:
		have->private = symbol;
		have->n_private++;
		break;
	case LP_ELF_SCOPE_UNKNOWN:
		have->doubtful = symbol;
		have->n_doubtful++;
		break;
	case LP_ELF_SCOPE_SOURCE:
		break;
	}
}

static struct definitions collect(const struct lp_elf *target, const char *name)
{
	struct definitions have = { 0 };
	size_t i = lp_elf_name_index(target, name);

	for (; i < target->n_symbols && !strcmp(target->by_name[i]->name, name); i++)
		add(&have, target, target->by_name[i]);
	return have;
}

int lp_linkage_find(const struct lp_elf *target, const char *name, bool inside,
		    const struct lp_elf_symbol **found)
{
	struct definitions have;

	if (lp_elf_imports(target, name))
		return -ENOENT;
	have = collect(target, name);
	if (inside && !have.n_public && !have.n_private && have.n_doubtful == 1) {
		*found = have.doubtful;
		return 0;
	}
	if (have.n_public + have.n_private == 1) {
		*found = have.public ? have.public : have.private;
		return 0;
	}
	return have.n_public || have.n_private || have.n_doubtful ? -ENOTUNIQ : -ENOENT;
}
