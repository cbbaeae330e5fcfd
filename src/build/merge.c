/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "merged.h"

static int add_section(struct lp_merge *m, const struct lp_section *section, uint32_t *index)
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

int lp_merge_add_symbol(struct lp_merge *m, const struct lp_symbol *symbol, char *name,
			uint32_t *index)
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

static int place_section(struct lp_merge *m, struct lp_placed *placed, uint32_t i)
{
	const struct lp_section *from = &placed->from->sections[i];
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
	err = lp_merge_add_symbol(m, &marker, strdup(""), &placed->markers[i]);
	return err;
}

/* The agent registers one table: those of all units, one after the other. */
static int place_frames(struct lp_merge *m, struct lp_placed *placed, uint32_t i)
{
	const struct lp_section *from = &placed->from->sections[i];
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
	placed->shifts[i] = to->size;
	placed->sections[i] = m->frames;
	to->size += from->size;
	return 0;
}

/* All that is loaded, and what says that the stack would have to be executable. */
static bool is_of_patch(const struct lp_section *section)
{
	switch (section->type) {
	case SHT_NULL:
	case SHT_NOTE:
	case SHT_RELA:
	case SHT_SYMTAB:
	case SHT_STRTAB:
	case SHT_GROUP:
		return false;
	default:
		return (section->flags & SHF_ALLOC) || !strcmp(section->name, ".note.GNU-stack");
	}
}

static bool is_included(const struct lp_placed *placed, uint32_t i)
{
	return placed->instance ? placed->instance->included[i] :
				  is_of_patch(&placed->from->sections[i]);
}

static int place_sections(struct lp_merge *m, struct lp_placed *placed)
{
	const struct lp_relobj *obj = placed->from;
	int err = 0;

	placed->sections = calloc(obj->n_sections + 1u, sizeof(*placed->sections));
	placed->markers = calloc(obj->n_sections + 1u, sizeof(*placed->markers));
	placed->shifts = calloc(obj->n_sections + 1u, sizeof(*placed->shifts));
	placed->symbols = calloc(obj->n_symbols + 1u, sizeof(*placed->symbols));
	if (!placed->sections || !placed->markers || !placed->shifts || !placed->symbols)
		return -ENOMEM;
	for (uint32_t i = 1; i < obj->n_sections && !err; i++) {
		if (!is_included(placed, i))
			continue;
		err = strcmp(obj->sections[i].name, ".eh_frame") ? place_section(m, placed, i) :
								   place_frames(m, placed, i);
	}
	return err;
}

/* --- symbols -------------------------------------------------------------------------------- */

/* Named ones of what is included, for debuggers and for other units. */
static int place_symbols(struct lp_merge *m, const struct lp_placed *placed)
{
	const struct lp_relobj *obj = placed->from;
	int err = 0;

	for (uint32_t i = 1; i < obj->n_symbols && !err; i++) {
		struct lp_symbol symbol = obj->symbols[i];

		if (symbol.section == SHN_UNDEF || symbol.type == STT_FILE)
			continue;
		if (symbol.section < obj->n_sections) {
			symbol.section = placed->sections[symbol.section];
			if (!symbol.section)
				continue;
		} else if (placed->instance) {
			continue;
		}
		if (symbol.type == STT_SECTION)
			placed->symbols[i] = placed->markers[obj->symbols[i].section];
		else if (*symbol.name)
			err = lp_merge_add_symbol(m, &symbol, strdup(symbol.name),
						  &placed->symbols[i]);
	}
	return err;
}

static void set_placed(struct lp_merge *m, const struct lp_instance *instances,
		       struct lp_added *added)
{
	for (size_t i = 0; i < m->count; i++) {
		struct lp_placed *placed = &m->placed[i];

		if (i < m->n_instances) {
			placed->instance = &instances[i];
			placed->from = &instances[i].pair.new.obj;
		} else {
			placed->added = &added[i - m->n_instances];
			placed->from = &placed->added->obj;
		}
	}
}

static int merge(struct lp_merge *m)
{
	const struct lp_section nothing = { .name = NULL };
	const struct lp_symbol no_symbol = { .object = LP_SYMBOL_NO_OBJECT };
	uint32_t zero;
	int err = add_section(m, &nothing, &zero);

	err = err ? err : lp_merge_add_symbol(m, &no_symbol, strdup(""), &zero);
	for (size_t i = 0; i < m->count && !err; i++) {
		err = place_sections(m, &m->placed[i]);
		if (m->placed[i].instance)
			m->job->n_built = m->obj->n_sections;
	}
	for (size_t i = 0; i < m->count && !err; i++)
		err = place_symbols(m, &m->placed[i]);
	err = err ? err : lp_merge_relocs(m);
	return err ? err : lp_merge_describe(m);
}

int lp_merge(struct lp_pack_job *job, const struct lp_instance *instances, size_t n_instances,
	     struct lp_added *added, size_t n_added)
{
	struct lp_merge m = { .job = job,
			      .obj = &job->obj,
			      .count = n_instances + n_added,
			      .n_instances = n_instances };
	int err;

	m.placed = calloc(m.count + 1, sizeof(*m.placed));
	if (!m.placed)
		return -ENOMEM;
	set_placed(&m, instances, added);
	err = merge(&m);
	for (size_t i = 0; i < m.count; i++) {
		free(m.placed[i].sections);
		free(m.placed[i].markers);
		free(m.placed[i].symbols);
		free(m.placed[i].shifts);
	}
	free(m.placed);
	return err;
}
