/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "merge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where an instance's sections and symbols have gone. */
struct placed {
	const struct lp_instance *instance;
	uint32_t *sections; /* by its section: ours; 0: not included */
	uint32_t *markers; /* by its section: our section symbol */
	uint32_t frames; /* our .eh_frame: where its own starts */
};

struct merge {
	struct lp_pack_job *job;
	struct lp_relobj *obj;
	uint32_t section_room, symbol_room;
	struct placed *placed;
	size_t count;
	uint32_t frames; /* the one .eh_frame; 0: none yet */
};

static int add_section(struct merge *m, const struct lp_section *section, uint32_t *index)
{
	struct lp_relobj *obj = m->obj;
	struct lp_section *list;

	if (obj->n_sections == m->section_room) {
		m->section_room = m->section_room * 2 + 64;
		list = realloc(obj->sections, (m->section_room + 1u) * sizeof(*list));
		if (!list)
			return -ENOMEM;
		obj->sections = list;
	}
	obj->sections[obj->n_sections] = *section;
	*index = obj->n_sections++;
	return 0;
}

/* Takes name over, also when it fails. */
static int add_symbol(struct merge *m, const struct lp_symbol *symbol, char *name, uint32_t *index)
{
	struct lp_relobj *obj = m->obj;
	struct lp_symbol *list;

	if (name && obj->n_symbols == m->symbol_room) {
		m->symbol_room = m->symbol_room * 2 + 64;
		list = realloc(obj->symbols, (m->symbol_room + 1u) * sizeof(*list));
		if (!list) {
			m->symbol_room = obj->n_symbols;
			free(name);
			return -ENOMEM;
		}
		obj->symbols = list;
	}
	if (!name)
		return -ENOMEM;
	obj->symbols[obj->n_symbols] = *symbol;
	obj->symbols[obj->n_symbols].name = name;
	*index = obj->n_symbols++;
	return 0;
}

static void *copy(const void *bytes, size_t size)
{
	void *new = malloc(size + 1);

	if (new &&size)
		memcpy(new, bytes, size);
	return new;
}

/* --- sections ------------------------------------------------------------------------------- */

static int place_section(struct merge *m, struct placed *placed, uint32_t i)
{
	const struct lp_section *from = &placed->instance->pair.new.obj.sections[i];
	struct lp_section section = *from;
	struct lp_symbol marker = { .type = STT_SECTION, .object = LP_SYMBOL_NO_OBJECT };
	int err;

	section.name = strdup(from->name);
	section.bytes = from->bytes ? copy(from->bytes, from->size) : NULL;
	section.relocs = NULL;
	section.n_relocs = 0;
	section.keep = false;
	if (!section.name || (from->bytes && !section.bytes) ||
	    add_section(m, &section, &placed->sections[i])) {
		free(section.name);
		free(section.bytes);
		return -ENOMEM;
	}
	marker.section = placed->sections[i];
	err = add_symbol(m, &marker, strdup(""), &placed->markers[i]);
	return err;
}

/* The agent registers one table: those of all units, one after the other. */
static int place_frames(struct merge *m, struct placed *placed, uint32_t i)
{
	const struct lp_section *from = &placed->instance->pair.new.obj.sections[i];
	struct lp_section *to;
	uint8_t *bytes;
	int err;

	if (!m->frames) {
		err = place_section(m, placed, i);
		m->frames = placed->sections[i];
		return err;
	}
	to = &m->obj->sections[m->frames];
	bytes = realloc(to->bytes, to->size + from->size + 1);
	if (!bytes)
		return -ENOMEM;
	memcpy(bytes + to->size, from->bytes, from->size);
	to->bytes = bytes;
	placed->frames = (uint32_t)to->size;
	placed->sections[i] = m->frames;
	to->size += from->size;
	return 0;
}

static int place_sections(struct merge *m, struct placed *placed)
{
	const struct lp_relobj *obj = &placed->instance->pair.new.obj;
	int err = 0;

	placed->sections = calloc(obj->n_sections + 1u, sizeof(*placed->sections));
	placed->markers = calloc(obj->n_sections + 1u, sizeof(*placed->markers));
	if (!placed->sections || !placed->markers)
		return -ENOMEM;
	for (uint32_t i = 1; i < obj->n_sections && !err; i++) {
		if (!placed->instance->included[i])
			continue;
		err = strcmp(obj->sections[i].name, ".eh_frame") ? place_section(m, placed, i) :
								   place_frames(m, placed, i);
	}
	return err;
}

/* --- symbols -------------------------------------------------------------------------------- */

/* Named ones of what is included, for debuggers and for other units. */
static int place_symbols(struct merge *m, const struct placed *placed)
{
	const struct lp_relobj *obj = &placed->instance->pair.new.obj;
	int err = 0;

	for (uint32_t i = 1; i < obj->n_symbols && !err; i++) {
		struct lp_symbol symbol = obj->symbols[i];
		uint32_t index;

		if (symbol.section == SHN_UNDEF || symbol.section >= obj->n_sections ||
		    !placed->sections[symbol.section] || symbol.type == STT_SECTION ||
		    symbol.type == STT_FILE || !*symbol.name)
			continue;
		symbol.section = placed->sections[symbol.section];
		err = add_symbol(m, &symbol, strdup(symbol.name), &index);
	}
	return err;
}

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
static int target_symbol(struct merge *m, struct lp_target *target, uint64_t addr, uint8_t type,
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
	return add_symbol(m, &symbol, name, index);
}

/* A global symbol that another unit of the same target brings along, and that is new. */
static bool other_unit_has(const struct merge *m, const struct placed *placed, const char *name,
			   struct lp_symbol *symbol)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct placed *other = &m->placed[i];
		const struct lp_relobj *obj = &other->instance->pair.new.obj;

		if (other == placed || other->instance->target != placed->instance->target)
			continue;
		for (uint32_t k = 1; k < obj->n_symbols; k++) {
			const struct lp_symbol *candidate = &obj->symbols[k];

			if (candidate->section == SHN_UNDEF ||
			    candidate->section >= obj->n_sections ||
			    candidate->binding == STB_LOCAL || strcmp(candidate->name, name))
				continue;
			if (!other->sections[candidate->section] ||
			    other->instance->pair.new.twin[candidate->section])
				return false;
			*symbol = *candidate;
			symbol->section = other->markers[candidate->section];
			return true;
		}
	}
	return false;
}

static int named_symbol(struct merge *m, const struct placed *placed, const struct lp_symbol *from,
			struct lp_relocation *reloc)
{
	struct lp_symbol symbol = {
		.type = from->type == STT_TLS ? STT_TLS : STT_NOTYPE,
		.binding = from->binding == STB_WEAK ? STB_WEAK : STB_GLOBAL,
		.object = LP_SYMBOL_NO_OBJECT,
	};
	struct lp_symbol other;

	if (other_unit_has(m, placed, from->name, &other)) {
		reloc->symbol = other.section;
		reloc->addend += (int64_t)other.value;
		return 0;
	}
	for (uint32_t i = 1; i < m->obj->n_symbols; i++) {
		const struct lp_symbol *known = &m->obj->symbols[i];

		if (known->section == SHN_UNDEF && known->object == LP_SYMBOL_NO_OBJECT &&
		    !strcmp(known->name, from->name)) {
			reloc->symbol = i;
			return 0;
		}
	}
	return add_symbol(m, &symbol, strdup(from->name), &reloc->symbol);
}

/* --- relocations ---------------------------------------------------------------------------- */

/*
 * Programs refer to variables of libraries directly, because the linker gives those a place in the
 * program. One that the program did not use before has none, and lies too far away.
 */
static bool is_out_of_reach(const struct placed *placed, const struct lp_reference *reference,
			    const char *name)
{
	const struct lp_elf_symbol *found;

	switch (reference->reloc->type) {
	case R_X86_64_PC32:
	case R_X86_64_32:
	case R_X86_64_32S:
		return !reference->branch &&
		       lp_elf_find(placed->instance->target->elf, name, 0, &found) == -ENOENT;
	default:
		return false;
	}
}

static int place_reloc(struct merge *m, const struct placed *placed, uint32_t section,
		       const struct lp_reference *reference, struct lp_relocation *reloc)
{
	const struct lp_half *half = &placed->instance->pair.new;
	const struct lp_symbol *from = &half->obj.symbols[reference->reloc->symbol];
	struct lp_symbol other;
	uint64_t addr;

	*reloc = *reference->reloc;
	switch (lp_instance_meaning(placed->instance, section, reference, &addr)) {
	case LP_MEANS_NAME:
		if (!other_unit_has(m, placed, from->name, &other) &&
		    is_out_of_reach(placed, reference, from->name))
			return lp_pack_refuse(
				m->job, "out-of-reach",
				"%s uses %s of a library directly, and %s did not use it before, so "
				"there is no place for it within reach; reach it through a function, "
				"or compile with -mno-direct-extern-access",
				lp_half_name(half, section), from->name,
				placed->instance->target->elf->path);
		return named_symbol(m, placed, from, reloc);
	case LP_MEANS_INCLUDED:
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
	if (reference->section && from->type != STT_GNU_IFUNC)
		reloc->addend += (int64_t)from->value;
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

static int place_relocs(struct merge *m, const struct placed *placed, uint32_t i)
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
static int place_frame_relocs(struct merge *m, const struct placed *placed, uint32_t i)
{
	const struct lp_relobj *obj = &placed->instance->pair.new.obj;
	const struct lp_section *from = &obj->sections[i];
	struct lp_relocation *relocs = calloc(from->n_relocs + 1, sizeof(*relocs));
	int err = relocs ? 0 : -ENOMEM;

	for (size_t k = 0; k < from->n_relocs && !err; k++) {
		const struct lp_symbol *symbol = &obj->symbols[from->relocs[k].symbol];

		relocs[k] = from->relocs[k];
		if (symbol->section == SHN_UNDEF || symbol->section >= obj->n_sections) {
			err = named_symbol(m, placed, symbol, &relocs[k]);
			continue;
		}
		relocs[k].symbol = placed->markers[symbol->section];
		relocs[k].addend += (int64_t)symbol->value;
	}
	if (!err)
		err = append_relocs(&m->obj->sections[m->frames], relocs, from->n_relocs,
				    placed->frames);
	free(relocs);
	return err;
}

static int place_all_relocs(struct merge *m, const struct placed *placed)
{
	const struct lp_relobj *obj = &placed->instance->pair.new.obj;
	int err = 0;

	for (uint32_t i = 1; i < obj->n_sections && (!err || err == -ECANCELED); i++) {
		if (!placed->sections[i] || !obj->sections[i].n_relocs)
			continue;
		err = (strcmp(obj->sections[i].name, ".eh_frame") ? place_relocs(m, placed, i) : place_frame_relocs(m, placed, i)) ?:
			      err;
	}
	return err;
}

/* --- description ---------------------------------------------------------------------------- */

static uint32_t function_symbol(const struct merge *m, const struct placed *placed,
				const struct lp_replaced *replaced)
{
	const struct lp_symbol *from = &placed->instance->pair.new.obj.symbols[replaced->symbol];
	uint32_t section = placed->sections[from->section];

	for (uint32_t i = 1; i < m->obj->n_symbols; i++)
		if (m->obj->symbols[i].section == section && m->obj->symbols[i].type == STT_FUNC &&
		    m->obj->symbols[i].value == from->value &&
		    !strcmp(m->obj->symbols[i].name, from->name))
			return i;
	return 0;
}

/* Whether a name of the target's is one that the unit gives the same function, before and after. */
static bool is_alias(const struct lp_instance *instance, const struct lp_replaced *replaced,
		     const char *name)
{
	const struct lp_relobj *obj = &instance->pair.new.obj;
	const struct lp_symbol *own = &obj->symbols[replaced->symbol];
	size_t length = strlen(name);

	for (uint32_t i = 1; i < obj->n_symbols; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];

		/* versions are part of names in objects: NAME@VERSION */
		if (symbol->section == own->section && symbol->value == own->value &&
		    symbol->type == STT_FUNC && !strncmp(symbol->name, name, length) &&
		    (!symbol->name[length] || symbol->name[length] == '@'))
			return true;
	}
	return false;
}

static int describe_function(struct merge *m, struct lp_described_object *object,
			     const struct placed *placed, const struct lp_replaced *replaced)
{
	struct lp_elf *elf = placed->instance->target->elf;
	uint32_t symbol = function_symbol(m, placed, replaced);
	size_t count;
	const struct lp_elf_symbol *const *at = lp_elf_symbols_at(elf, replaced->addr, &count);
	struct lp_described_function *list = realloc(
		object->functions, (object->n_functions + count + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	object->functions = list;
	if (!replaced->named)
		list[object->n_functions++] = (struct lp_described_function){ replaced->old.name, 0,
									      symbol,
									      &replaced->old };
	for (size_t i = 0; i < count; i++)
		if (at[i]->type == STT_FUNC && is_alias(placed->instance, replaced, at[i]->name))
			list[object->n_functions++] = (struct lp_described_function){
				.name = at[i]->name,
				.sympos = lp_elf_position(elf, at[i]),
				.new_symbol = symbol,
				.old = at[i],
			};
	return 0;
}

static bool is_weak(const struct lp_instance *instance, const struct lp_replaced *replaced)
{
	return instance->pair.new.obj.symbols[replaced->symbol].binding == STB_WEAK;
}

/* Functions of headers are in several units, and the target has one of them. */
static bool is_described(const struct lp_described_object *object, uint64_t addr)
{
	for (size_t i = 0; i < object->n_functions; i++)
		if (object->functions[i].old->addr == addr)
			return true;
	return false;
}

static struct lp_described_object *object_of(struct merge *m, const struct lp_target *target)
{
	struct lp_description *d = &m->job->description;
	const char *name = target->elf->executable ? NULL :
			   target->elf->soname	   ? target->elf->soname :
						     target->elf->name;

	for (size_t i = 0; i < d->n_objects; i++)
		if (d->objects[i].name == name)
			return &d->objects[i];
	d->objects[d->n_objects].name = name;
	return &d->objects[d->n_objects++];
}

static int describe(struct merge *m)
{
	struct lp_description *d = &m->job->description;
	int err = 0;

	d->objects = calloc(m->count + 1, sizeof(*d->objects));
	if (!d->objects)
		return -ENOMEM;
	for (size_t i = 0; i < m->count; i++) {
		const struct lp_instance *instance = m->placed[i].instance;

		for (size_t k = 0; k < instance->n_replaced && err != -ENOMEM; k++) {
			const struct lp_replaced *replaced = &instance->replaced[k];
			struct lp_described_object *object = object_of(m, instance->target);

			if (!is_described(object, replaced->addr) || !is_weak(instance, replaced))
				err = describe_function(m, object, &m->placed[i], replaced) ?: err;
		}
	}
	return err;
}

static int merge(struct merge *m, const struct lp_instance *instances)
{
	const struct lp_section nothing = { .name = NULL };
	const struct lp_symbol no_symbol = { .object = LP_SYMBOL_NO_OBJECT };
	uint32_t zero;
	int err = add_section(m, &nothing, &zero);

	err = err ? err : add_symbol(m, &no_symbol, strdup(""), &zero);
	for (size_t i = 0; i < m->count && !err; i++) {
		m->placed[i].instance = &instances[i];
		err = place_sections(m, &m->placed[i]);
	}
	for (size_t i = 0; i < m->count && !err; i++)
		err = place_symbols(m, &m->placed[i]);
	for (size_t i = 0; i < m->count && (!err || err == -ECANCELED); i++)
		err = place_all_relocs(m, &m->placed[i]) ?: err;
	return err ? err : describe(m);
}

int lp_merge(struct lp_pack_job *job, const struct lp_instance *instances, size_t count)
{
	struct merge m = { .job = job, .obj = &job->obj, .count = count };
	int err;

	m.placed = calloc(count + 1, sizeof(*m.placed));
	if (!m.placed)
		return -ENOMEM;
	err = merge(&m, instances);
	for (size_t i = 0; i < count; i++) {
		free(m.placed[i].sections);
		free(m.placed[i].markers);
	}
	free(m.placed);
	return err;
}
