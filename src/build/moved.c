/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What moves from one source to another. It is new where it comes to, and gone where it was: who uses it from
 * a third source, which does not change, has the target's. So a function that has moved replaces
 * that; a variable cannot.
 */
#include <errno.h>
#include <string.h>

#include "instance.h"

struct moves {
	struct lp_instance *instances;
	size_t count;
	const struct lp_report_to *report;
};

static bool is_public(const struct lp_relobj *obj, const struct lp_symbol *symbol)
{
	return symbol->binding == STB_GLOBAL && symbol->section != SHN_UNDEF &&
	       symbol->section < obj->n_sections;
}

/* A global symbol of the unit's, of that type: index; 0: none. */
static uint32_t defined(const struct lp_relobj *obj, const char *name, uint8_t type)
{
	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].type == type && is_public(obj, &obj->symbols[i]) &&
		    !strcmp(obj->symbols[i].name, name))
			return i;
	return 0;
}

static bool is_held(const struct lp_instance *instance)
{
	return instance->binding.n_matched && !instance->elsewhere;
}

/* The unit that the target has the symbol of, and that has it no more. */
static struct lp_instance *origin_of(const struct moves *moves, const struct lp_instance *to,
				     const struct lp_symbol *symbol, uint32_t *original)
{
	for (size_t i = 0; i < moves->count; i++) {
		struct lp_instance *from = &moves->instances[i];

		if (from == to || from->target != to->target || !is_held(from))
			continue;
		*original = defined(&from->pair.old.obj, symbol->name, symbol->type);
		if (*original && !defined(&from->pair.new.obj, symbol->name, symbol->type))
			return from;
	}
	return NULL;
}

/*
 * A source that is new may be of any program of the tree: where one that the target is made of has it as
 * well, that is meant.
 */
static bool has_rival(const struct moves *moves, const struct lp_instance *to,
		      const struct lp_symbol *symbol)
{
	for (size_t i = 0; i < moves->count; i++) {
		const struct lp_instance *other = &moves->instances[i];

		if (other != to && other->target == to->target &&
		    (is_held(other) || !other->pair.old.obj.n_sections) &&
		    is_held(other) >= is_held(to) &&
		    defined(&other->pair.new.obj, symbol->name, symbol->type))
			return true;
	}
	return false;
}

static int move_function(const struct moves *moves, struct lp_instance *to, uint32_t symbol,
			 const struct lp_instance *from, uint32_t original)
{
	uint32_t section = from->pair.old.obj.symbols[original].section;
	const char *name = from->pair.old.obj.symbols[original].name;
	int gone;

	if (from->binding.matched[section])
		return lp_instance_replace(to, symbol, from->binding.symbols[original],
					   from->binding.size[section]);
	gone = lp_binding_discarded(&from->binding, section);
	if (gone)
		return gone < 0 ? gone : 0;
	return lp_report_refusal(
		moves->report, "mismatch",
		"%s: %s, which moves to %s, as it was compiled from this source is not what %s has",
		from->pair.name, name, to->pair.name, to->target->elf->path);
}

static int move_symbol(const struct moves *moves, struct lp_instance *to, uint32_t i)
{
	const struct lp_relobj *obj = &to->pair.new.obj;
	const struct lp_symbol *symbol = &obj->symbols[i];
	const struct lp_instance *from;
	uint32_t original;

	if (!is_public(obj, symbol) || to->pair.new.twin[symbol->section] ||
	    !to->pair.changed[symbol->section])
		return 0;
	from = origin_of(moves, to, symbol, &original);
	if (!from)
		return 0;
	if (has_rival(moves, to, symbol))
		return is_held(to) ? lp_report_refusal(moves->report, "mismatch",
						       "%s: %s moves to several sources: which is "
						       "meant cannot be told",
						       from->pair.name, symbol->name) :
				     0;
	if (symbol->type == STT_FUNC)
		return move_function(moves, to, i, from, original);
	if ((symbol->type != STT_OBJECT && symbol->type != STT_TLS) ||
	    lp_section_is_const(&obj->sections[symbol->section]))
		return 0;
	return lp_report_refusal(
		moves->report, "data-changed",
		"%s: the variable %s moves to %s, and what the running program has of it would not; "
		"leave the move out of the diff",
		from->pair.name, symbol->name, to->pair.name);
}

int lp_instances_find_moved(struct lp_instance *instances, size_t count,
			    const struct lp_report_to *report)
{
	const struct moves moves = { instances, count, report };
	int err = 0;

	for (size_t i = 0; i < count; i++) {
		struct lp_instance *to = &instances[i];

		if (to->elsewhere || (to->pair.old.obj.n_sections && !to->binding.n_matched))
			continue;
		for (uint32_t k = 1; k < to->pair.new.obj.n_symbols &&err != -ENOMEM; k++)
			err = move_symbol(&moves, to, k) ?: err;
	}
	return err;
}
