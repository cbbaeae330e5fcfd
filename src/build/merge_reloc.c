/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the references of all objects are in the merged one: a section of it, a place in a target,
 * or a name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linkage.h"
#include "merged.h"
#include "provider.h"

/* --- places in a target ----------------------------------------------------------------------- */

static const struct lp_elf_symbol *best_at(const struct lp_elf *elf, uint64_t addr, uint8_t type,
					   const char *name)
{
	size_t count;
	const struct lp_elf_symbol *const *at = lp_elf_symbols_at(elf, addr, &count);
	const struct lp_elf_symbol *found = NULL;

	if (type == STT_TLS) { /* not in that list */
		size_t i = lp_elf_name_index(elf, name);

		for (; i < elf->n_symbols && !strcmp(elf->by_name[i]->name, name); i++)
			if (elf->by_name[i]->type == STT_TLS && elf->by_name[i]->addr == addr)
				return elf->by_name[i];
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		if (!found || !strcmp(at[i]->name, name))
			found = at[i];
	return found;
}

/* The livepatch symbol of a place in a target. */
static int target_symbol(struct lp_merge *m, struct lp_target *target, uint64_t addr, uint8_t type,
			 const char *called, uint32_t *index)
{
	const struct lp_elf_symbol *found = best_at(target->elf, addr, type, called);
	struct lp_symbol symbol = {
		.value = addr,
		.size = found ? found->size : 0,
		.type = type == STT_TLS ? STT_TLS :
			found		? found->type :
					  STT_NOTYPE,
		.binding = STB_GLOBAL,
	};
	char *name;
	int err = lp_pack_use_target(m->job, target);

	if (err)
		return err;
	if (symbol.type == STT_GNU_IFUNC)
		symbol.type = STT_FUNC; /* the address is that of the PLT stub, or the resolver's */
	symbol.object = target->object;
	for (uint32_t i = 1; i < m->obj->n_symbols; i++) {
		const struct lp_symbol *other = &m->obj->symbols[i];

		if (other->object == symbol.object && other->value == addr &&
		    (other->type == STT_TLS) == (type == STT_TLS)) {
			*index = i;
			return 0;
		}
	}
	if (asprintf(&name, ".klp.sym.%s.%s,%lu", target->name ? target->name : LP_PROGRAM_NAME,
		     found ? found->name : called,
		     found ? lp_elf_position(target->elf, found) : 0ul) < 0)
		return -ENOMEM;
	return lp_merge_add_symbol(m, &symbol, name, index);
}

/*
 * --- names -------------------------------------------------------------------------------------
 */

/* What is defined by hand for all, not by this one. Ours, 0: nothing. */
static uint32_t added_symbol(const struct lp_merge *m, const struct lp_placed *by, const char *name)
{
	for (size_t i = m->n_instances; i < m->count; i++) {
		const struct lp_placed *placed = &m->placed[i];
		uint32_t symbol = placed == by ? 0 : lp_added_find(placed->added, name);

		if (symbol)
			return placed->symbols[symbol];
	}
	return 0;
}

/*
 * A global symbol that another unit of the same target brings along, and that is new; or that is
 * added by hand. Ours, 0: none.
 */
static uint32_t other_unit_has(const struct lp_merge *m, const struct lp_placed *placed,
			       const char *name)
{
	struct lp_provider provider;

	if (m->n_instances && !lp_provider_find(m->placed[0].instance, m->n_instances,
						placed->instance, name, &provider))
		return m->placed[provider.instance].symbols[provider.symbol];
	return added_symbol(m, NULL, name);
}

/* One name may be one thing for a program, and another for a library. */
static uint32_t asker_of(const struct lp_merge *m, const struct lp_placed *by)
{
	return by->instance ? (uint32_t)(by->instance->target - m->job->targets) + 1 : 0;
}

/* weak: nobody minds if there is none. */
static int named_symbol(struct lp_merge *m, const struct lp_placed *by,
			const struct lp_symbol *from, bool weak, uint32_t *index)
{
	bool inside = by->instance && from->visibility != STV_DEFAULT;
	struct lp_symbol symbol = {
		.type = from->type == STT_TLS ? STT_TLS : STT_NOTYPE,
		.binding = weak ? STB_WEAK : STB_GLOBAL,
		.object = LP_SYMBOL_NO_OBJECT,
		.asked_by = asker_of(m, by),
		.inside = inside,
	};

	for (uint32_t i = 1; i < m->obj->n_symbols; i++) {
		struct lp_symbol *known = &m->obj->symbols[i];

		if (known->section == SHN_UNDEF && known->object == LP_SYMBOL_NO_OBJECT &&
		    known->asked_by == symbol.asked_by && !strcmp(known->name, from->name)) {
			if (!weak)
				known->binding = STB_GLOBAL;
			known->inside |= inside;
			*index = i;
			return 0;
		}
	}
	return lp_merge_add_symbol(m, &symbol, strdup(from->name), index);
}

/* Whether the unit looks at the address of an undefined symbol, and does not just call it. */
static bool takes_address(const struct lp_placed *placed, const char *name)
{
	const struct lp_references *references = &placed->instance->pair.new.references;
	const struct lp_relobj *obj = placed->from;

	for (uint32_t i = 1; i < obj->n_sections; i++) {
		const struct lp_section *section = &obj->sections[i];

		/* references of unwind tables are void: those were filtered */
		if (!placed->sections[i] || !lp_section_is_program(section))
			continue;
		for (size_t k = 0; k < section->n_relocs; k++) {
			const struct lp_reference *reference = &references->of[i][k];

			if (!reference->branch && !reference->section &&
			    !strcmp(obj->symbols[reference->reloc->symbol].name, name))
				return true;
		}
	}
	return false;
}

/*
 * Sources declare weak what is added by hand, so that the program links without it: a patch that
 * lacks it shall be refused, not call NULL. Who is prepared for that looks at the address first.
 */
static bool may_miss(const struct lp_placed *placed, const struct lp_symbol *symbol)
{
	return symbol->binding == STB_WEAK && takes_address(placed, symbol->name);
}

/* A name that a unit refers to. */
static int unit_symbol(struct lp_merge *m, const struct lp_placed *placed,
		       const struct lp_symbol *from, uint32_t *index)
{
	*index = other_unit_has(m, placed, from->name);
	return *index ? 0 : named_symbol(m, placed, from, may_miss(placed, from), index);
}

/* --- relocations ---------------------------------------------------------------------------- */

/*
 * Programs refer to variables of libraries directly, because the linker gives those a place in the
 * program. One that the program did not use before has none, and lies too far away.
 */
static bool is_out_of_reach(const struct lp_placed *placed, const struct lp_reference *reference,
			    const struct lp_symbol *symbol)
{
	const struct lp_elf_symbol *found;

	switch (reference->reloc->type) {
	case R_X86_64_PC32:
	case R_X86_64_32:
	case R_X86_64_32S:
		return !reference->branch &&
		       lp_linkage_find(placed->instance->target->elf, symbol->name,
				       symbol->visibility != STV_DEFAULT, &found) == -ENOENT;
	default:
		return false;
	}
}

/* The field is that of a slot with the symbol's address: an addend is not added to that. */
static bool has_slot(uint32_t type)
{
	switch (type) {
	case R_X86_64_GOTPCREL:
	case R_X86_64_GOTPCRELX:
	case R_X86_64_REX_GOTPCRELX:
	case R_X86_64_GOTTPOFF:
	case R_X86_64_TLSGD:
		return true;
	default:
		return false;
	}
}

static int place_reloc(struct lp_merge *m, const struct lp_placed *placed, uint32_t section,
		       const struct lp_reference *reference, struct lp_relocation *reloc)
{
	const struct lp_half *half = &placed->instance->pair.new;
	const struct lp_symbol *from = &half->obj.symbols[reference->reloc->symbol];
	uint64_t addr;

	*reloc = *reference->reloc;
	switch (lp_instance_meaning(placed->instance, section, reference, &addr)) {
	case LP_MEANS_NAME:
		if (!other_unit_has(m, placed, from->name) &&
		    is_out_of_reach(placed, reference, from))
			return lp_pack_refuse(
				m->job, "out-of-reach",
				"%s uses %s of a library directly, and %s did not use it before, so "
				"there is no place for it within reach; reach it through a function, "
				"or compile with -mno-direct-extern-access",
				lp_half_name(half, section), from->name,
				placed->instance->target->elf->path);
		return unit_symbol(m, placed, from, &reloc->symbol);
	case LP_MEANS_INCLUDED:
		if (has_slot(reloc->type) && placed->symbols[reference->reloc->symbol]) {
			reloc->symbol = placed->symbols[reference->reloc->symbol];
			return 0;
		}
		reloc->symbol = placed->markers[reference->section];
		reloc->addend += (int64_t)from->value;
		return 0;
	default:
		break;
	}
	if (addr == LP_UNBOUND)
		return lp_pack_refuse(m->job, "not-in-target",
				      "%s refers to %s, which %s does not have",
				      lp_half_name(half, section), from->name,
				      placed->instance->target->elf->path);
	if (!reference->section && from->type == STT_TLS &&
	    (reloc->type == R_X86_64_GOTTPOFF || reloc->type == R_X86_64_TLSGD)) {
		/* the target's own slot for another object's variable */
		reloc->type = R_X86_64_PC32;
		return target_symbol(m, placed->instance->target, addr, STT_NOTYPE, from->name,
				     &reloc->symbol);
	}
	if (reference->section && from->type != STT_GNU_IFUNC) {
		if (has_slot(reloc->type))
			addr += from->value;
		else
			reloc->addend += (int64_t)from->value;
	}
	return target_symbol(
		m, placed->instance->target, addr,
		from->type == STT_TLS ||
				(reference->section &&
				 (half->obj.sections[reference->section].flags & SHF_TLS)) ?
			STT_TLS :
			STT_NOTYPE,
		reference->section ? lp_half_name(half, reference->section) : from->name,
		&reloc->symbol);
}

static int append_relocs(struct lp_section *to, const struct lp_relocation *relocs, size_t count,
			 uint64_t shift)
{
	struct lp_relocation *list = realloc(to->relocs,
					     (to->n_relocs + count + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	to->relocs = list;
	for (size_t i = 0; i < count; i++) {
		list[to->n_relocs] = relocs[i];
		list[to->n_relocs++].offset += shift;
	}
	return 0;
}

static int place_relocs(struct lp_merge *m, const struct lp_placed *placed, uint32_t i)
{
	const struct lp_half *half = &placed->instance->pair.new;
	const struct lp_section *from = &half->obj.sections[i];
	struct lp_relocation *relocs = calloc(from->n_relocs + 1, sizeof(*relocs));
	int err = relocs ? 0 : -ENOMEM;

	for (size_t k = 0; k < from->n_relocs && (!err || err == -ECANCELED); k++)
		err = place_reloc(m, placed, i, &half->references.of[i][k], &relocs[k]) ?: err;
	if (!err)
		err = append_relocs(&m->obj->sections[placed->sections[i]], relocs, from->n_relocs,
				    0);
	free(relocs);
	return err;
}

/* They were filtered: what they refer to is included, or named. */
static int place_frame_relocs(struct lp_merge *m, const struct lp_placed *placed, uint32_t i)
{
	const struct lp_relobj *obj = &placed->instance->pair.new.obj;
	const struct lp_section *from = &obj->sections[i];
	struct lp_relocation *relocs = calloc(from->n_relocs + 1, sizeof(*relocs));
	int err = relocs ? 0 : -ENOMEM;

	for (size_t k = 0; k < from->n_relocs && !err; k++) {
		const struct lp_symbol *symbol = &obj->symbols[from->relocs[k].symbol];

		relocs[k] = from->relocs[k];
		if (symbol->section == SHN_UNDEF || symbol->section >= obj->n_sections) {
			err = unit_symbol(m, placed, symbol, &relocs[k].symbol);
			continue;
		}
		relocs[k].symbol = placed->markers[symbol->section];
		relocs[k].addend += (int64_t)symbol->value;
	}
	if (!err)
		err = append_relocs(&m->obj->sections[m->frames], relocs, from->n_relocs,
				    placed->shifts[i]);
	free(relocs);
	return err;
}

static int place_unit_relocs(struct lp_merge *m, const struct lp_placed *placed)
{
	const struct lp_relobj *obj = placed->from;
	int err = 0;

	for (uint32_t i = 1; i < obj->n_sections && (!err || err == -ECANCELED); i++) {
		int result;

		if (!placed->sections[i] || !obj->sections[i].n_relocs)
			continue;
		result = strcmp(obj->sections[i].name, ".eh_frame") ?
				 place_relocs(m, placed, i) :
				 place_frame_relocs(m, placed, i);
		err = result ? result : err;
	}
	return err;
}

/*
 * --- what is added by hand
 * -----------------------------------------------------------------------
 */

/* What a source defines anew. Ours, 0: nothing. */
static int built_symbol(struct lp_merge *m, const struct lp_placed *by, const char *name,
			uint32_t *index)
{
	*index = 0;
	for (size_t i = 0; i < m->n_instances; i++) {
		const struct lp_placed *placed = &m->placed[i];
		uint32_t symbol = lp_instance_new_symbol(placed->instance, name);

		if (!symbol || !placed->symbols[symbol])
			continue;
		if (*index)
			return lp_pack_refuse(
				m->job, "symbol-ambiguous",
				"%s uses %s, which the diff defines in more than one of "
				"the targets: which is meant cannot be told",
				by->added->path, name);
		*index = placed->symbols[symbol];
	}
	return 0;
}

static int bind_symbol(struct lp_merge *m, const struct lp_placed *placed, uint32_t i)
{
	const struct lp_symbol *symbol = &placed->from->symbols[i];
	uint32_t *to = &placed->symbols[i];
	int err = 0;

	*to = added_symbol(m, placed, symbol->name);
	if (!*to)
		err = built_symbol(m, placed, symbol->name, to);
	return err || *to ? err : named_symbol(m, placed, symbol, symbol->binding == STB_WEAK, to);
}

static int bind_symbols(struct lp_merge *m, const struct lp_placed *placed)
{
	int err = 0;

	for (uint32_t i = 1; i < placed->from->n_symbols && (!err || err == -ECANCELED); i++)
		if (placed->from->symbols[i].section == SHN_UNDEF && *placed->from->symbols[i].name)
			err = bind_symbol(m, placed, i) ?: err;
	return err;
}

static int place_added_reloc(struct lp_merge *m, const struct lp_placed *placed,
			     const struct lp_section *section, struct lp_relocation *reloc)
{
	const struct lp_symbol *from = &placed->from->symbols[reloc->symbol];

	reloc->symbol = placed->symbols[reloc->symbol];
	if (reloc->symbol || from->section == SHN_UNDEF)
		return 0;
	return lp_pack_refuse(m->job, "bad-patch",
			      "%s: section %s refers to %s, which is not loaded",
			      placed->added->path, section->name,
			      from->section < placed->from->n_sections && !*from->name ?
				      placed->from->sections[from->section].name :
				      from->name);
}

/* All it has is in the patch: a relocation goes with its symbol. */
static int place_added_relocs(struct lp_merge *m, const struct lp_placed *placed)
{
	int err = bind_symbols(m, placed);

	for (uint32_t i = 1; i < placed->from->n_sections && !err; i++) {
		const struct lp_section *from = &placed->from->sections[i];
		struct lp_section *to = &m->obj->sections[placed->sections[i]];
		size_t first = to->n_relocs;

		if (!placed->sections[i] || !from->n_relocs)
			continue;
		err = append_relocs(to, from->relocs, from->n_relocs, placed->shifts[i]);
		for (size_t k = first; k < to->n_relocs; k++)
			err = place_added_reloc(m, placed, from, &to->relocs[k]) ?: err;
	}
	return err;
}

int lp_merge_relocs(struct lp_merge *m)
{
	int err = 0;

	for (size_t i = 0; i < m->count && (!err || err == -ECANCELED); i++) {
		const struct lp_placed *placed = &m->placed[i];
		int result = placed->instance ? place_unit_relocs(m, placed) :
						place_added_relocs(m, placed);

		err = result ? result : err;
	}
	return err;
}
