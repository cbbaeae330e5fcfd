/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Several variables in one section of data, as the source asks for: the running program has them where
 * they were, and references count from the section's start.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "label.h"

/* By section: something lies in it that is not at its start. */
static bool *find_shared(const struct lp_half *half)
{
	bool *shared = calloc(half->obj.n_sections + 1u, sizeof(*shared));

	for (uint32_t i = 1; shared && i < half->obj.n_symbols; i++)
		if (lp_half_is_variable(half, &half->obj.symbols[i]) && half->obj.symbols[i].value)
			shared[half->obj.symbols[i].section] = true;
	return shared;
}

static const struct lp_symbol *find_named(const struct lp_half *half, uint32_t section,
					  const char *name)
{
	for (uint32_t i = 1; i < half->obj.n_symbols; i++)
		if (half->obj.symbols[i].section == section &&
		    lp_half_is_variable(half, &half->obj.symbols[i]) &&
		    !strcmp(half->obj.symbols[i].name, name))
			return &half->obj.symbols[i];
	return NULL;
}

static bool has_place(const struct lp_half *half, uint32_t section, const struct lp_symbol *place)
{
	for (uint32_t i = 1; i < half->obj.n_symbols; i++)
		if (half->obj.symbols[i].section == section &&
		    lp_half_is_variable(half, &half->obj.symbols[i]) &&
		    half->obj.symbols[i].value == place->value &&
		    half->obj.symbols[i].size == place->size)
			return true;
	return false;
}

/* Whether each name of one is at the same place of the other, or is a further name of such a place. */
static bool is_covered(const struct lp_half *half, uint32_t section, const struct lp_half *other,
		       uint32_t twin)
{
	for (uint32_t i = 1; i < half->obj.n_symbols; i++) {
		const struct lp_symbol *symbol = &half->obj.symbols[i], *same;

		if (symbol->section != section || !lp_half_is_variable(half, symbol))
			continue;
		same = find_named(other, twin, symbol->name);
		if (same ? same->value != symbol->value || same->size != symbol->size :
			   !has_place(other, twin, symbol))
			return false;
	}
	return true;
}

int lp_pair_arrange(struct lp_pair *pair)
{
	bool *old = find_shared(&pair->old), *new = find_shared(&pair->new);

	for (uint32_t i = 1; old && new &&i < pair->new.obj.n_sections; i++) {
		uint32_t twin = pair->new.twin[i];

		if (twin && (old[twin] || new[i]) &&
		    (!is_covered(&pair->new, i, &pair->old, twin) ||
		     !is_covered(&pair->old, twin, &pair->new, i)))
			pair->rearranged[i] = true;
	}
	free(old);
	free(new);
	return old && new ? 0 : -ENOMEM;
}
