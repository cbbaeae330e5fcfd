/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sections that refer to each other directly lie together. If one of them refers directly to a
 * target object - to a variable that is declared hidden, say - they lie near that one. What they
 * call, and what they reach by the GOT, may be anywhere; so all others lie near the object of the
 * first function.
 */
#include "near.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "framefilter.h"

struct groups {
	struct lp_pack_job *job;
	struct lp_relobj *obj;
	uint32_t n_sections; /* without tables that were made */
	uint32_t first; /* the object of the first function */
	uint32_t *parents; /* by section: another one of its group, or itself */
	uint32_t *needs; /* by section that is its own parent: object + 1, 0: none */
};

static bool is_frames(const struct lp_section *section)
{
	return !strcmp(section->name, ".eh_frame");
}

static bool is_loaded(const struct lp_section *section)
{
	return section->keep && (section->flags & SHF_ALLOC) && section->size;
}

/* Of what the agent can load, all else reaches 2^64, or has a slot or a stub. */
static bool is_direct(const struct lp_relocation *reloc)
{
	return reloc->type == R_X86_64_PC32;
}

/* The section of the patch that a relocation refers to, 0: it is not in the patch. */
static uint32_t section_of(const struct lp_relobj *obj, const struct lp_relocation *reloc)
{
	const struct lp_symbol *symbol = &obj->symbols[reloc->symbol];

	return symbol->object == LP_SYMBOL_NO_OBJECT && symbol->section < obj->n_sections ?
		       symbol->section :
		       SHN_UNDEF;
}

/*
 * Assemblers write a call of a private function as they write the address of a variable. As a call
 * it may go by way of a stub. A conditional jump stays in its function: it leads to the cold part.
 */
static void mark_branches(struct lp_section *section, const struct lp_symbol *function)
{
	uint64_t at = function->value, end = at + function->size;

	while (end <= section->size && at < end) {
		struct lp_relocation *reloc;
		struct lp_insn insn;

		if (!lp_decode(section->bytes + at, end - at, at, &insn))
			return;
		reloc = NULL;
		if ((insn.flags & LP_INSN_DIRECT) && (insn.flags & (LP_INSN_CALL | LP_INSN_JMP)))
			reloc = lp_section_reloc(section, at + insn.field);
		if (reloc && reloc->type == R_X86_64_PC32)
			reloc->type = R_X86_64_PLT32;
		at += insn.size;
	}
}

static void mark_all_branches(struct lp_relobj *obj)
{
	for (uint32_t i = 1; i < obj->n_symbols; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];
		struct lp_section *section;

		if (symbol->type != STT_FUNC || symbol->section >= obj->n_sections)
			continue;
		section = &obj->sections[symbol->section];
		if (is_loaded(section) && (section->flags & SHF_EXECINSTR) && section->bytes)
			mark_branches(section, symbol);
	}
}

/* The object near which it will lie. */
static uint32_t place_of(const struct groups *groups, const struct lp_section *section)
{
	return section->near ? section->near - 1 : groups->first;
}

/* --- which sections lie together, and near what ---------------------------------------------- */

static uint32_t group_of(const struct groups *groups, uint32_t section)
{
	while (groups->parents[section] != section)
		section = groups->parents[section] = groups->parents[groups->parents[section]];
	return section;
}

static void unite(struct groups *groups, uint32_t section, uint32_t other)
{
	groups->parents[group_of(groups, other)] = group_of(groups, section);
}

/* A function and its table of exceptions, which its unwind table names behind it. */
static void unite_by_frames(struct groups *groups, const struct lp_section *section)
{
	for (size_t i = 0; i + 1 < section->n_relocs; i++) {
		uint32_t code = section_of(groups->obj, &section->relocs[i]);
		uint32_t table = section_of(groups->obj, &section->relocs[i + 1]);

		if (code && table && (groups->obj->sections[code].flags & SHF_EXECINSTR) &&
		    !strncmp(groups->obj->sections[table].name, ".gcc_except_table",
			     strlen(".gcc_except_table")))
			unite(groups, code, table);
	}
}

static void unite_by_references(struct groups *groups, uint32_t section)
{
	const struct lp_section *from = &groups->obj->sections[section];

	for (size_t i = 0; i < from->n_relocs; i++) {
		uint32_t to = section_of(groups->obj, &from->relocs[i]);

		if (to && is_direct(&from->relocs[i]))
			unite(groups, section, to);
	}
}

static void find_groups(struct groups *groups)
{
	for (uint32_t i = 0; i < groups->n_sections; i++)
		groups->parents[i] = i;
	for (uint32_t i = 1; i < groups->n_sections; i++) {
		const struct lp_section *section = &groups->obj->sections[i];

		if (!is_loaded(section))
			continue;
		if (is_frames(section))
			unite_by_frames(groups, section);
		else
			unite_by_references(groups, i);
	}
}

static void find_needs(struct groups *groups)
{
	struct lp_relobj *obj = groups->obj;

	for (uint32_t i = 1; i < obj->n_sections; i++) {
		const struct lp_section *section = &obj->sections[i];
		uint32_t *need = &groups->needs[group_of(groups, i)];

		if (!is_loaded(section) || is_frames(section))
			continue;
		for (size_t k = 0; k < section->n_relocs && !*need; k++) {
			uint32_t object = obj->symbols[section->relocs[k].symbol].object;

			if (object != LP_SYMBOL_NO_OBJECT && is_direct(&section->relocs[k]))
				*need = object + 1;
		}
	}
}

static void set_near(struct groups *groups)
{
	struct lp_relobj *obj = groups->obj;

	for (uint32_t i = 1; i < groups->n_sections; i++) {
		uint32_t need = groups->needs[group_of(groups, i)];

		if (need && need != groups->first + 1 && is_loaded(&obj->sections[i]) &&
		    !is_frames(&obj->sections[i]))
			obj->sections[i].near = need;
	}
}

/* --- the unwind tables ----------------------------------------------------------------------- */

/* Whether the table describes code that lies there. */
static bool frames_describe(const struct lp_relobj *obj, uint32_t frames, uint32_t near)
{
	const struct lp_section *section = &obj->sections[frames];

	for (size_t i = 0; i < section->n_relocs; i++) {
		const struct lp_section *to = &obj->sections[section_of(obj, &section->relocs[i])];

		if (to->keep && (to->flags & SHF_EXECINSTR) && to->near == near)
			return true;
	}
	return false;
}

static void *copy(const void *bytes, size_t size)
{
	void *made = malloc(size + 1);

	if (made && size)
		memcpy(made, bytes, size);
	return made;
}

/* What of the table is about code that lies there. */
static int frames_extract(const struct lp_relobj *obj, uint32_t frames, uint32_t near,
			  struct lp_section *part)
{
	const struct lp_section *from = &obj->sections[frames];
	struct lp_relobj view = *obj;
	int err = -ENOMEM;

	*part = (struct lp_section){ 0 };
	view.sections = copy(obj->sections, obj->n_sections * sizeof(*obj->sections));
	if (!view.sections)
		return -ENOMEM;
	for (uint32_t i = 1; i < view.n_sections; i++) {
		view.sections[i].keep &= view.sections[i].near == near;
		if (is_frames(&view.sections[i]))
			view.sections[i].name = NULL; /* not this one */
	}
	*part = *from;
	part->name = strdup(from->name);
	part->bytes = copy(from->bytes, from->size);
	part->relocs = copy(from->relocs, from->n_relocs * sizeof(*from->relocs));
	part->near = near;
	view.sections[frames] = *part;
	if (part->name && part->bytes && part->relocs)
		err = lp_frames_filter(&view);
	*part = view.sections[frames];
	free(view.sections);
	return err;
}

static void section_free(struct lp_section *section)
{
	free(section->name);
	free(section->bytes);
	free(section->relocs);
}

static int section_append(struct lp_relobj *obj, const struct lp_section *section)
{
	void *list = realloc(obj->sections, (obj->n_sections + 1u) * sizeof(*obj->sections));

	if (!list)
		return -ENOMEM;
	obj->sections = list;
	obj->sections[obj->n_sections++] = *section;
	return 0;
}

/* Takes the part that is about the code there away from the rest; the rest stays as it is. */
static int frames_split_off(struct lp_relobj *obj, uint32_t frames, uint32_t near)
{
	struct lp_section part;
	int err = frames_extract(obj, frames, near, &part);

	err = err ? err : section_append(obj, &part);
	if (err)
		section_free(&part);
	return err;
}

/* One table of each place: the first one takes the place of the whole. */
static int frames_split(struct lp_relobj *obj, uint32_t frames, uint32_t n_objects)
{
	struct lp_section first;
	uint32_t near = 0;
	int err = 0;

	while (near < n_objects && !frames_describe(obj, frames, near))
		near++;
	for (uint32_t other = near + 1; other <= n_objects && !err; other++)
		if (frames_describe(obj, frames, other))
			err = frames_split_off(obj, frames, other);
	if (err)
		return err;
	err = frames_extract(obj, frames, near, &first);
	if (err) {
		section_free(&first);
		return err;
	}
	section_free(&obj->sections[frames]);
	obj->sections[frames] = first;
	return 0;
}

static int split_all_frames(struct lp_pack_job *job)
{
	uint32_t count = job->obj.n_sections;
	int err = 0;

	for (uint32_t i = 1; i < count && !err; i++) {
		const struct lp_section *section = &job->obj.sections[i];

		if (is_frames(section) && is_loaded(section) && section->bytes)
			err = frames_split(&job->obj, i, job->n_objects);
	}
	if (err == -EBADMSG)
		return lp_pack_refuse(job, "bad-patch",
				      "functions of several objects in one patch, whose unwind "
				      "tables cannot be divided: split the patch in two");
	return err;
}

/* Pointers to personality routines lie with the unwind tables that lead there. */
static void follow_frames(struct groups *groups)
{
	struct lp_relobj *obj = groups->obj;

	for (uint32_t i = 1; i < obj->n_sections; i++) {
		const struct lp_section *section = &obj->sections[i];

		if (!is_loaded(section) || !is_frames(section))
			continue;
		for (size_t k = 0; k < section->n_relocs; k++) {
			uint32_t to = section_of(obj, &section->relocs[k]);
			uint32_t *need = &groups->needs[group_of(groups, to)];

			if (to && is_direct(&section->relocs[k]) && !*need &&
			    !(obj->sections[to].flags & SHF_EXECINSTR))
				*need = place_of(groups, section) + 1;
		}
	}
	set_near(groups);
}

static int place(struct groups *groups)
{
	bool any = false;
	int err;

	groups->parents = calloc(groups->obj->n_sections + 1u, sizeof(*groups->parents));
	groups->needs = calloc(groups->obj->n_sections + 1u, sizeof(*groups->needs));
	if (!groups->parents || !groups->needs)
		return -ENOMEM;
	find_groups(groups);
	find_needs(groups);
	set_near(groups);
	for (uint32_t i = 1; i < groups->obj->n_sections; i++)
		any |= groups->obj->sections[i].near != 0;
	err = any ? split_all_frames(groups->job) : 0;
	if (any && !err)
		follow_frames(groups);
	return err;
}

/* --- what does not reach --------------------------------------------------------------------- */

static const char *object_name(const struct lp_pack_job *job, uint32_t object)
{
	return job->objects[object]->name ? job->objects[object]->name : "the program";
}

/* Without what makes the name of a livepatch symbol of it. */
static const char *name_of(const struct lp_pack_job *job, const struct lp_relocation *reloc,
			   int *length)
{
	const struct lp_symbol *symbol = &job->obj.symbols[reloc->symbol];
	const char *name = symbol->name;
	uint32_t section = section_of(&job->obj, reloc);

	if (symbol->object != LP_SYMBOL_NO_OBJECT) {
		const char *object = job->objects[symbol->object]->name;

		name += strlen(".klp.sym..") + strlen(object ? object : LP_PROGRAM_NAME);
	} else if (!*name && section) {
		name = job->obj.sections[section].name;
	}
	*length = (int)strcspn(name, ",");
	return name;
}

/* Libraries are mostly near each other: the agent will see. A program is not near any. */
static bool may_reach(const struct lp_pack_job *job, uint32_t from, uint32_t to)
{
	return from == to || (job->objects[from]->name && job->objects[to]->name);
}

static int check_reloc(const struct groups *groups, const struct lp_section *section,
		       const struct lp_relocation *reloc)
{
	struct lp_pack_job *job = groups->job;
	uint32_t to = section_of(groups->obj, reloc);
	uint32_t object = groups->obj->symbols[reloc->symbol].object;
	uint32_t from = place_of(groups, section);
	const char *name;
	int length;

	if (to && groups->obj->sections[to].keep)
		object = place_of(groups, &groups->obj->sections[to]);
	if (!is_direct(reloc) || object == LP_SYMBOL_NO_OBJECT || may_reach(job, from, object))
		return 0;
	name = name_of(job, reloc, &length);
	return lp_pack_refuse(
		job, "bad-patch",
		"section %s has to be near %s and refers directly to %.*s, which is "
		"near %s, out of reach: declare what is in the targets without hidden "
		"visibility, or split the patch in two",
		section->name, object_name(job, from), length, name, object_name(job, object));
}

static int check(const struct groups *groups)
{
	int err = 0;

	for (uint32_t i = 1; i < groups->obj->n_sections; i++) {
		const struct lp_section *section = &groups->obj->sections[i];

		for (size_t k = 0; is_loaded(section) && k < section->n_relocs; k++)
			err = check_reloc(groups, section, &section->relocs[k]) ?: err;
	}
	return err;
}

int lp_pack_place(struct lp_pack_job *job)
{
	struct groups groups = { .job = job, .obj = &job->obj };
	bool said = false;
	int err = 0;

	if (job->n_objects < 2)
		return 0;
	groups.n_sections = job->obj.n_sections;
	groups.first = job->functions[0].target->object;
	mark_all_branches(&job->obj);
	for (uint32_t i = 1; i < job->obj.n_sections; i++)
		said |= job->obj.sections[i].keep && job->obj.sections[i].near;
	if (!said)
		err = place(&groups);
	free(groups.parents);
	free(groups.needs);
	return err ? err : check(&groups);
}
