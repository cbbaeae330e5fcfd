/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "instance.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "framefilter.h"

static const struct lp_section *section_of(const struct lp_instance *instance, uint32_t i)
{
	return &instance->pair.new.obj.sections[i];
}

/* The replaced function that starts there, or NULL. */
static const struct lp_replaced *replaced_at(const struct lp_instance *instance, uint32_t section,
					     int64_t offset)
{
	for (size_t i = 0; i < instance->n_replaced; i++)
		if (instance->replaced[i].section == section &&
		    (int64_t)instance->pair.new.obj.symbols[instance->replaced[i].symbol].value ==
			    offset)
			return &instance->replaced[i];
	return NULL;
}

static bool has_name(const struct lp_half *half, uint32_t section)
{
	return lp_half_name(half, section) != half->obj.sections[section].name;
}

/* Where the original of a section lies in the target, LP_UNBOUND: nowhere that is known. */
static uint64_t original_addr(const struct lp_instance *instance, uint32_t section)
{
	uint32_t old = instance->pair.new.twin[section];

	if (!old)
		return LP_UNBOUND;
	if (lp_section_is_code(section_of(instance, section)) && !instance->binding.matched[old])
		return LP_UNBOUND;
	return instance->binding.addr[old];
}

/* --- meaning -------------------------------------------------------------------------------- */

static bool goes_by_name(const struct lp_instance *instance, const struct lp_reference *reference)
{
	const struct lp_symbol *symbol = &instance->pair.new.obj.symbols[reference->reloc->symbol];
	const struct lp_elf_symbol *found;

	switch (reference->reloc->type) {
	case R_X86_64_PLT32:
	case R_X86_64_GOTPCREL:
	case R_X86_64_GOTPCRELX:
	case R_X86_64_REX_GOTPCRELX:
		break;
	default:
		return false;
	}
	return !instance->target->elf->executable && symbol->binding != STB_LOCAL &&
	       symbol->visibility == STV_DEFAULT &&
	       !lp_binding_is_direct(&instance->binding,
				     instance->pair.new.twin[reference->section]) &&
	       !lp_elf_find(instance->target->elf, symbol->name, 0, &found) && found->exported;
}

/* Whether the target itself has an indirect function of that name: it is called by a PLT stub. */
static bool is_indirect(const struct lp_instance *instance, const char *name)
{
	const struct lp_elf_symbol *found;

	return !lp_elf_find(instance->target->elf, name, 0, &found) && found->type == STT_GNU_IFUNC;
}

/* A symbol that the original refers to as well, and whose place its code tells. */
static uint64_t symbol_addr(const struct lp_instance *instance, const struct lp_symbol *symbol)
{
	const struct lp_relobj *old = &instance->pair.old.obj;
	const struct lp_elf_section *section;
	uint64_t addr;

	for (uint32_t i = 1; i < old->n_symbols; i++) {
		if (old->symbols[i].section != SHN_UNDEF && old->symbols[i].type != STT_GNU_IFUNC)
			continue;
		if (strcmp(old->symbols[i].name, symbol->name) != 0)
			continue;
		addr = instance->binding.symbols[i];
		section = addr == LP_UNBOUND ? NULL :
					       lp_elf_section_at(instance->target->elf, addr);
		if (old->symbols[i].type == STT_TLS ||
		    (section &&
		     (section->kind != LP_ELF_PLT || is_indirect(instance, symbol->name))))
			return addr;
	}
	return LP_UNBOUND;
}

/* The original of a function at an offset of its section; the address that would be offset 0. */
static uint64_t original_function(const struct lp_instance *instance, uint32_t section,
				  int64_t offset)
{
	const struct lp_relobj *old = &instance->pair.old.obj;
	uint64_t addr = original_addr(instance, section);

	for (uint32_t i = 1; offset && addr != LP_UNBOUND && i < old->n_symbols; i++)
		if (old->symbols[i].section == instance->pair.new.twin[section] &&
		    old->symbols[i].type == STT_FUNC && (int64_t)old->symbols[i].value == offset)
			return instance->binding.symbols[i] - (uint64_t)offset;
	return addr;
}

static enum lp_meaning meaning_of_code(const struct lp_instance *instance, uint32_t from,
				       const struct lp_reference *reference, uint64_t *addr)
{
	const struct lp_section *referrer = section_of(instance, from);
	bool table = !lp_section_is_code(referrer) && !has_name(&instance->pair.new, from);
	const struct lp_replaced *replaced = replaced_at(instance, reference->section,
							 reference->offset);

	if (!instance->included[reference->section]) {
		*addr = original_function(instance, reference->section, reference->offset);
		return LP_MEANS_TARGET;
	}
	if (reference->branch || table || !replaced)
		return LP_MEANS_INCLUDED;
	/* a pointer to a function is the original's, as all others in the process are */
	*addr = replaced->addr - (uint64_t)reference->offset;
	return LP_MEANS_TARGET;
}

enum lp_meaning lp_instance_meaning(const struct lp_instance *instance, uint32_t from,
				    const struct lp_reference *reference, uint64_t *addr)
{
	const struct lp_relobj *obj = &instance->pair.new.obj;
	const struct lp_symbol *symbol = &obj->symbols[reference->reloc->symbol];

	*addr = LP_UNBOUND;
	if (!reference->section || symbol->type == STT_GNU_IFUNC) {
		*addr = symbol_addr(instance, symbol);
		return *addr == LP_UNBOUND ? LP_MEANS_NAME : LP_MEANS_TARGET;
	}
	if (original_addr(instance, reference->section) != LP_UNBOUND &&
	    goes_by_name(instance, reference))
		return LP_MEANS_NAME;
	if (lp_section_is_code(&obj->sections[reference->section]))
		return meaning_of_code(instance, from, reference, addr);
	if (instance->included[reference->section])
		return LP_MEANS_INCLUDED;
	*addr = original_addr(instance, reference->section);
	return LP_MEANS_TARGET;
}

/* --- what is included ----------------------------------------------------------------------- */

static int refuse_missing(const struct lp_instance *instance, uint32_t section,
			  const struct lp_report_to *report)
{
	return lp_report_refusal(
		report, "not-in-target",
		"%s: where %s lies in %s cannot be told: no code that was recognised "
		"refers to it, and no symbol of its own names it%s",
		instance->pair.name, lp_half_name(&instance->pair.new, section),
		instance->target->elf->path,
		instance->target->elf->has_symtab ? "" : "; a debug file would help");
}

/* Whether the patch has a copy of a section that something included refers to. 1, 0, -ECANCELED. */
static int wants_copy(const struct lp_instance *instance, uint32_t i,
		      const struct lp_report_to *report)
{
	const struct lp_section *section = section_of(instance, i);
	bool known = original_addr(instance, i) != LP_UNBOUND;

	if (section->flags & SHF_TLS)
		return known ? 0 : refuse_missing(instance, i, report);
	if (lp_section_is_merged(section) || !lp_section_is_program(section))
		return 1;
	if (lp_section_is_code(section) && !instance->pair.changed[i] && !known &&
	    instance->pair.new.twin[i] &&
	    lp_binding_named(&instance->binding, instance->pair.new.twin[i]))
		return lp_report_refusal(
			report, "mismatch",
			"%s: %s, which changed code calls, is not what was compiled from this source: "
			"what the compiler knew of it may not hold in %s",
			instance->pair.name, lp_half_name(&instance->pair.new, i),
			instance->target->elf->path);
	if (lp_section_is_code(section))
		return instance->pair.changed[i] || !known;
	if (lp_section_is_const(section))
		return instance->pair.changed[i] || !known || !has_name(&instance->pair.new, i);
	if (!instance->pair.new.twin[i] ||
	    !strncmp(lp_half_name(&instance->pair.new, i), "DW.ref.", 7) ||
	    lp_half_is_nameless(&instance->pair.new, i))
		return 1;
	return known ? 0 : refuse_missing(instance, i, report);
}

static int include_reached(struct lp_instance *instance, uint32_t *work, size_t count,
			   const struct lp_report_to *report)
{
	int err = 0;

	while (count) {
		uint32_t i = work[--count];

		for (size_t k = 0; k < section_of(instance, i)->n_relocs; k++) {
			uint32_t to = instance->pair.new.references.of[i][k].section;
			int copy;

			if (!to || instance->included[to])
				continue;
			copy = wants_copy(instance, to, report);
			if (copy < 0)
				err = copy;
			if (copy != 1)
				continue;
			instance->included[to] = true;
			work[count++] = to;
		}
	}
	return err;
}

/* The unwind tables of what is included, and what those need. */
int lp_instance_finish(struct lp_instance *instance, const struct lp_report_to *report)
{
	struct lp_relobj *obj = &instance->pair.new.obj;
	uint32_t *work = calloc(obj->n_sections + 1u, sizeof(*work));
	size_t count = 0;
	int err;

	if (!work)
		return -ENOMEM;

	for (uint32_t i = 1; i < obj->n_sections; i++)
		obj->sections[i].keep = instance->included[i];
	err = lp_frames_filter(obj);
	if (err == -EBADMSG)
		err = lp_report_refusal(report, "bad-patch",
					"%s: the compiler's unwind tables cannot be read",
					instance->pair.name);
	for (uint32_t i = 1; i < obj->n_sections && !err; i++) {
		const struct lp_section *section = &obj->sections[i];

		if (strcmp(section->name, ".eh_frame") || !section->size)
			continue;
		instance->included[i] = true;
		for (size_t k = 0; k < section->n_relocs; k++) {
			uint32_t to = obj->symbols[section->relocs[k].symbol].section;

			if (to == SHN_UNDEF || to >= obj->n_sections || instance->included[to])
				continue;
			instance->included[to] = true;
			work[count++] = to;
		}
	}
	err = err ? err : include_reached(instance, work, count, report);
	free(work);
	return err;
}

static int include_all(struct lp_instance *instance, const uint32_t *sections, size_t n_sections,
		       const struct lp_report_to *report)
{
	uint32_t *work = calloc(instance->pair.new.obj.n_sections + 1u, sizeof(*work));
	size_t count = 0;
	int err;

	if (!work)
		return -ENOMEM;
	for (size_t i = 0; i < n_sections; i++) {
		if (!instance->included[sections[i]])
			work[count++] = sections[i];
		instance->included[sections[i]] = true;
	}
	err = include_reached(instance, work, count, report);
	free(work);
	return err;
}

int lp_instance_include(struct lp_instance *instance, const struct lp_report_to *report)
{
	uint32_t *sections = calloc(instance->n_replaced + 1, sizeof(*sections));
	int err = -ENOMEM;

	for (size_t i = 0; sections && i < instance->n_replaced; i++)
		sections[i] = instance->replaced[i].section;
	if (sections)
		err = include_all(instance, sections, instance->n_replaced, report);
	free(sections);
	return err;
}

static bool is_new_global(const struct lp_instance *instance, const struct lp_symbol *symbol)
{
	return symbol->section != SHN_UNDEF &&
	       symbol->section < instance->pair.new.obj.n_sections &&
	       symbol->binding != STB_LOCAL && !instance->pair.new.twin[symbol->section];
}

uint32_t lp_instance_new_symbol(const struct lp_instance *instance, const char *name)
{
	const struct lp_relobj *obj = &instance->pair.new.obj;
	bool held = !instance->pair.old.obj.n_sections ||
		    (instance->binding.n_matched && !instance->elsewhere);

	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (is_new_global(instance, &obj->symbols[i]) &&
		    !strcmp(obj->symbols[i].name, name))
			return held || instance->included[obj->symbols[i].section] ? i : 0;
	return 0;
}

int lp_instance_demand(struct lp_instance *instance, const char *name,
		       const struct lp_report_to *report)
{
	const struct lp_relobj *obj = &instance->pair.new.obj;
	int err;

	for (uint32_t i = 1; i < obj->n_symbols; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];

		if (!is_new_global(instance, symbol) || strcmp(symbol->name, name) ||
		    instance->included[symbol->section])
			continue;
		err = include_all(instance, &symbol->section, 1, report);
		return err ? err : 1;
	}
	return 0;
}

/*
 * Whether all functions of the target that have names of this unit's are of other sources: another
 * program of the tree has a main, too.
 */
static bool names_are_others(const struct lp_instance *instance)
{
	const struct lp_relobj *obj = &instance->pair.old.obj;
	bool other = false;

	for (uint32_t i = 1; i < obj->n_symbols; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];
		const struct lp_elf_symbol *found;

		if (symbol->section == SHN_UNDEF || symbol->type != STT_FUNC ||
		    symbol->binding != STB_GLOBAL ||
		    lp_elf_find(instance->target->elf, symbol->name, 0, &found))
			continue;
		if (!lp_origins_other(&instance->target->origins, found->addr, instance->pair.name))
			return false;
		other = true;
	}
	return other;
}

static int find_elsewhere(struct lp_instance *instance, const struct lp_unit *unit)
{
	struct lp_origins origins;
	int err;

	if (!unit->original)
		return 0;
	err = lp_origins_load(&origins, unit->original);
	instance->elsewhere = !err && ((lp_origins_lack(&instance->target->origins, &origins) &&
					lp_instance_is_foreign(instance)) ||
				       names_are_others(instance));
	if (instance->elsewhere)
		instance->binding.n_matched = 0;
	lp_origins_free(&origins);
	return err;
}

int lp_instance_open(struct lp_instance *instance, const struct lp_unit *unit,
		     struct lp_target *target, const char *const *leave,
		     const struct lp_report_to *report)
{
	int err;

	*instance = (struct lp_instance){ .target = target };
	err = lp_pair_open(&instance->pair, unit->source, unit->original, unit->patched, report);
	instance->included = calloc(instance->pair.new.obj.n_sections + 1u, sizeof(bool));
	err = err ? err : instance->included ? 0 : -ENOMEM;
	err = err ? err : lp_binding_open(&instance->binding, &instance->pair.old, target->elf);
	err = err ? err : find_elsewhere(instance, unit);
	if (err || instance->elsewhere || !instance->binding.n_matched)
		return err;
	lp_pair_leave(&instance->pair, leave);
	return lp_instance_find_replaced(instance, report);
}

void lp_instance_close(struct lp_instance *instance)
{
	lp_binding_close(&instance->binding);
	lp_pair_close(&instance->pair);
	free(instance->replaced);
	free(instance->included);
	free(instance->mismatched);
}
