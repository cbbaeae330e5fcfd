/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which functions of a target are replaced: those that change, where the target has them as they
 * were compiled.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"

static const struct lp_elf_symbol *symbol_at(const struct lp_elf *elf, uint64_t addr,
					     const char *name)
{
	size_t count;
	const struct lp_elf_symbol *const *at = lp_elf_symbols_at(elf, addr, &count);
	const struct lp_elf_symbol *found = NULL;

	for (size_t i = 0; i < count; i++)
		if (at[i]->type == STT_FUNC && (!found || !strcmp(at[i]->name, name)))
			found = at[i];
	return found;
}

static void note_symbol(const struct lp_instance *instance, struct lp_replaced *replaced)
{
	const struct lp_elf_symbol *symbol = symbol_at(instance->target->elf, replaced->addr,
						       replaced->old.name);

	replaced->named = symbol;
	if (symbol)
		replaced->old = *symbol;
}

/*
 * Another name of a function that is replaced already, and by the same. Others are refused later.
 */
static bool is_known_alias(const struct lp_instance *instance, uint32_t symbol, uint64_t addr)
{
	const struct lp_symbol *symbols = instance->pair.new.obj.symbols;

	for (size_t i = 0; i < instance->n_replaced; i++) {
		const struct lp_symbol *other = &symbols[instance->replaced[i].symbol];

		if (instance->replaced[i].addr == addr &&
		    other->section == symbols[symbol].section &&
		    other->value == symbols[symbol].value)
			return true;
	}
	return false;
}

static int note_mismatch(struct lp_instance *instance, const char *name)
{
	const char **list = realloc(instance->mismatched,
				    (instance->n_mismatched + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	instance->mismatched = list;
	list[instance->n_mismatched++] = name;
	return 0;
}

/* Functions that the source puts into one section. */
static bool shares_section(const struct lp_relobj *obj, uint32_t symbol)
{
	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].section == obj->symbols[symbol].section &&
		    obj->symbols[i].type == STT_FUNC &&
		    obj->symbols[i].value != obj->symbols[symbol].value)
			return true;
	return false;
}

int lp_instance_replace(struct lp_instance *instance, uint32_t symbol, uint64_t addr, uint64_t size)
{
	const struct lp_symbol *replacement = &instance->pair.new.obj.symbols[symbol];
	struct lp_replaced *list = realloc(instance->replaced,
					   (instance->n_replaced + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	instance->replaced = list;
	list += instance->n_replaced++;
	*list = (struct lp_replaced){
		.section = replacement->section,
		.symbol = symbol,
		.addr = addr,
		.old = { .name = replacement->name, .addr = addr, .size = size, .type = STT_FUNC },
	};
	note_symbol(instance, list);
	return 0;
}

static int replace_function(struct lp_instance *instance, uint32_t symbol,
			    const struct lp_report_to *report)
{
	const struct lp_half *old = &instance->pair.old;
	const char *name = instance->pair.new.obj.symbols[symbol].name;
	uint32_t original = lp_half_find(old, name), from;
	int gone;

	if (!original)
		return 0; /* a new one */
	from = old->obj.symbols[original].section;
	if (!instance->binding.matched[from]) {
		gone = lp_binding_discarded(&instance->binding, from);
		if (gone)
			return gone < 0 ? gone : 0;
		if (old->obj.symbols[original].binding == STB_WEAK &&
		    !(old->obj.sections[from].flags & SHF_GROUP)) {
			lp_report_say(report, LP_NOTE,
				      "%s: the weak function %s is not the one of %s",
				      instance->pair.name, name, instance->target->elf->path);
			return 0;
		}
		return note_mismatch(instance, name);
	}
	if (shares_section(&instance->pair.new.obj, symbol) &&
	    lp_pair_same_function(&instance->pair, original, symbol))
		return 0;
	if (is_known_alias(instance, symbol, instance->binding.symbols[original]))
		return 0;
	return lp_instance_replace(instance, symbol, instance->binding.symbols[original],
				   instance->binding.size[from]);
}

int lp_instance_find_replaced(struct lp_instance *instance, const struct lp_report_to *report)
{
	const struct lp_relobj *obj = &instance->pair.new.obj;
	int err = 0;

	for (uint32_t i = 1; i < obj->n_symbols && err != -ENOMEM; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];
		int result = 0;

		if (symbol->type != STT_FUNC || symbol->section == SHN_UNDEF ||
		    symbol->section >= obj->n_sections ||
		    !instance->pair.changed[symbol->section] || lp_name_is_cold(symbol->name))
			continue;
		result = replace_function(instance, i, report);
		err = result ? result : err;
	}
	return err;
}
