/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Functions that the linker has left out of a target. Where private names were stripped, one that is not found
 * may be there all the same, reached through a table: it counts as left out only if nothing that the
 * target has of the unit leads to it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"

#ifndef SHF_GNU_RETAIN
#define SHF_GNU_RETAIN (1 << 21)
#endif

struct reach {
	const struct lp_binding *binding;
	bool *reached; /* by section: it may be in the target */
	uint32_t *work;
	size_t count;
};

static void mark(struct reach *reach, uint32_t section)
{
	if (!section || reach->reached[section] ||
	    !lp_section_is_program(&reach->binding->half->obj.sections[section]))
		return;
	reach->reached[section] = true;
	reach->work[reach->count++] = section;
}

/* Sections that are the compiler's own: another one may be reached by its bounds. */
static bool has_usual_name(const struct lp_section *section)
{
	static const char *const usual[] = { ".text", ".data",	".bss",	 ".rodata", ".tdata",
					     ".tbss", ".ldata", ".lbss", ".lrodata" };

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (!strncmp(section->name, usual[i], strlen(usual[i])))
			return true;
	return false;
}

static void mark_found(struct reach *reach)
{
	const struct lp_binding *binding = reach->binding;
	const struct lp_relobj *obj = &binding->half->obj;

	for (uint32_t i = 1; i < obj->n_sections; i++) {
		const struct lp_section *section = &obj->sections[i];

		if (binding->addr[i] != LP_UNBOUND || !has_usual_name(section) ||
		    (section->flags & SHF_GNU_RETAIN) ||
		    (lp_section_is_code(section) && lp_half_function(binding->half, i) &&
		     lp_binding_named(binding, i)))
			mark(reach, i);
	}
}

/* What others may use, and the target would not name. */
static void mark_public(struct reach *reach)
{
	const struct lp_relobj *obj = &reach->binding->half->obj;

	for (uint32_t i = 1; i < obj->n_symbols; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];

		if (symbol->binding != STB_LOCAL && symbol->section != SHN_UNDEF &&
		    symbol->section < obj->n_sections &&
		    !lp_naming_is_complete(&reach->binding->naming, symbol))
			mark(reach, symbol->section);
	}
}

static void follow(struct reach *reach)
{
	const struct lp_half *half = reach->binding->half;

	while (reach->count) {
		uint32_t from = reach->work[--reach->count];

		for (size_t k = 0; k < half->obj.sections[from].n_relocs; k++)
			mark(reach, half->references.of[from][k].section);
	}
}

/* Compilers keep a function that nothing uses only if they are told to: for assembler, say. */
static bool has_users(const struct lp_half *half, uint32_t section)
{
	for (uint32_t i = 1; i < half->obj.n_sections; i++)
		for (size_t k = 0; lp_section_is_program(&half->obj.sections[i]) &&
				   k < half->obj.sections[i].n_relocs;
		     k++)
			if (half->references.of[i][k].section == section && i != section)
				return true;
	return false;
}

static int is_reached(const struct lp_binding *binding, uint32_t section)
{
	size_t count = binding->half->obj.n_sections + 1u;
	struct reach reach = { .binding = binding };
	int result = -ENOMEM;

	reach.reached = calloc(count, sizeof(*reach.reached));
	reach.work = calloc(count, sizeof(*reach.work));
	if (reach.reached && reach.work) {
		mark_found(&reach);
		mark_public(&reach);
		follow(&reach);
		result = reach.reached[section];
	}
	free(reach.reached);
	free(reach.work);
	return result;
}

int lp_binding_discarded(const struct lp_binding *binding, uint32_t section)
{
	const struct lp_half *half = binding->half;
	const struct lp_symbol *symbol = &half->obj.symbols[lp_half_function(half, section)];
	int reached;

	if (binding->addr[section] != LP_UNBOUND || lp_binding_named(binding, section))
		return 0;
	if (lp_naming_is_complete(&binding->naming, symbol))
		return 1;
	if (!binding->elf->has_symtab ||
	    (symbol->binding == STB_LOCAL && !has_users(half, section)))
		return 0;
	reached = is_reached(binding, section);
	return reached < 0 ? reached : !reached;
}
