/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose functions a target has: one source may be compiled several times, otherwise each time, and only one
 * of those is what runs.
 */
#include <errno.h>
#include <string.h>

#include "instance.h"

int lp_instance_check_match(const struct lp_instance *instance, const struct lp_report_to *report)
{
	int err = lp_instance_check_callers(instance, report);

	for (size_t i = 0; i < instance->n_mismatched && err != -ENOMEM; i++)
		err = lp_report_refusal(
			report, "mismatch",
			"%s: %s as it was compiled from this source is not what %s has: another "
			"version, other options or another compiler%s",
			instance->pair.name, instance->mismatched[i], instance->target->elf->path,
			instance->target->elf->has_private ?
				"" :
				"; its private names are missing, with which more would be "
				"found: a debug file would help");
	return err;
}

static bool is_about(const struct lp_instance *instance, const char *name)
{
	for (size_t i = 0; i < instance->n_mismatched; i++)
		if (!strcmp(instance->mismatched[i], name))
			return true;
	for (size_t i = 0; i < instance->n_replaced; i++)
		if (!strcmp(instance->pair.new.obj.symbols[instance->replaced[i].symbol].name,
			    name))
			return true;
	return false;
}

static bool replaces(const struct lp_instance *instance, uint64_t addr)
{
	for (size_t i = 0; i < instance->n_replaced; i++)
		if (instance->replaced[i].addr == addr)
			return true;
	return false;
}

/* What is replaced is at one address; and where the target has one function of a name, it is of one unit. */
static bool claims(const struct lp_instance *a, const struct lp_instance *b)
{
	const struct lp_elf_symbol *found;

	for (size_t i = 0; i < a->n_replaced; i++) {
		const struct lp_symbol *symbol = &a->pair.new.obj.symbols[a->replaced[i].symbol];

		if (symbol->binding == STB_WEAK)
			continue; /* of a header: each unit has it */
		if (replaces(b, a->replaced[i].addr) ||
		    (is_about(b, symbol->name) &&
		     !lp_elf_find(a->target->elf, symbol->name, 0, &found)))
			return true;
	}
	return false;
}

bool lp_instance_is_rival(const struct lp_instance *a, const struct lp_instance *b)
{
	return a->target == b->target && (claims(a, b) || claims(b, a));
}

/* Where the target has a function of the unit's: what matches it, or has its name alone. */
static uint64_t place_of(const struct lp_instance *instance, const struct lp_symbol *symbol)
{
	const struct lp_elf_symbol *found;

	if (instance->binding.matched[symbol->section])
		return instance->binding.addr[symbol->section];
	if (symbol->binding == STB_GLOBAL &&
	    !lp_elf_find(instance->target->elf, symbol->name, 0, &found))
		return found->addr;
	return LP_UNBOUND;
}

/* Code that no compilation has told of may be of this one: it counts against the others. */
bool lp_instance_is_foreign(const struct lp_instance *instance)
{
	const struct lp_relobj *obj = &instance->pair.old.obj;

	for (uint32_t i = 1; i < obj->n_symbols; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];
		uint64_t addr;

		if (symbol->type != STT_FUNC || symbol->section == SHN_UNDEF ||
		    symbol->section >= obj->n_sections)
			continue;
		addr = place_of(instance, symbol);
		if (addr != LP_UNBOUND && !lp_origins_at(&instance->target->origins, addr))
			return false;
	}
	return true;
}

void lp_instance_drop(struct lp_instance *instance)
{
	instance->elsewhere = true;
	instance->n_replaced = instance->n_mismatched = 0;
	memset(instance->pair.changed, 0,
	       (instance->pair.new.obj.n_sections + 1u) * sizeof(*instance->pair.changed));
}
