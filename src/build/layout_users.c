/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diemap.h"
#include "dietype.h"
#include "layout.h"
#include "shape.h"

struct search {
	struct lp_debug debug;
	const char *name; /* without keyword and scopes */
	int tag; /* DW_TAG_structure_type for a class; 0: of an unnamed type, the name is a typedef */
	struct lp_diemap types; /* aggregates: whether they contain it */
	struct lp_diemap functions; /* by abstract entry: whether it has to do with it */
	void (*report)(void *context, const char *function);
	void *context;
	uint64_t *reported; /* hashes of names */
	size_t n_reported, capacity;
	int err; /* the first failure: answers after it mean nothing */
};

static bool fail(struct search *search, int err)
{
	search->err = search->err ? search->err : err;
	return false;
}

static const char *skip_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	return !strncmp(text, word, length) ? text + length : NULL;
}

/* Behind the last "::" that is not in the arguments of a template. */
static const char *skip_scopes(const char *text)
{
	int depth = 0;

	for (const char *at = text; *at; at++) {
		depth += *at == '<';
		depth -= *at == '>';
		if (!depth && at[0] == ':' && at[1] == ':')
			text = at + 2;
	}
	return text;
}

static void parse(struct search *search, const char *type)
{
	static const struct {
		const char *word;
		int tag;
	} keywords[] = {
		{ "struct ", DW_TAG_structure_type },
		{ "class ", DW_TAG_structure_type },
		{ "union ", DW_TAG_union_type },
		{ "enum ", DW_TAG_enumeration_type },
	};

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		const char *rest = skip_word(type, keywords[i].word);

		if (!rest)
			continue;
		search->tag = keywords[i].tag;
		type = rest;
		break;
	}
	search->name = skip_scopes(type);
}

/* The type that is looked for, of which a peeled type is a definition or declaration. */
static bool is_it(const struct search *search, Dwarf_Die *type, const char *alias)
{
	const char *name = dwarf_diename(type);
	int tag = dwarf_tag(type);

	if (!name)
		return !search->tag && alias && !strcmp(alias, search->name);
	if (tag == DW_TAG_class_type)
		tag = DW_TAG_structure_type;
	return tag == search->tag && !strcmp(name, search->name);
}

static bool contains(struct search *search, Dwarf_Die type, bool pointers, int depth);

static bool aggregate_contains(struct search *search, Dwarf_Die *type, int depth)
{
	struct lp_members members;
	uint64_t known;
	bool found = false;
	int err;

	if (lp_diemap_get(&search->types, type->addr, &known))
		return known;
	err = lp_members_load(&members, type);
	for (size_t i = 0; !err && !found && i < members.count; i++)
		found = contains(search, members.list[i].type, false, depth + 1);
	lp_members_free(&members);
	err = err ? err : lp_diemap_put(&search->types, type->addr, found);
	return err ? fail(search, err) : found;
}

/* Whether values of a type are, contain, or (pointers) lead to what is looked for. */
static bool contains(struct search *search, Dwarf_Die type, bool pointers, int depth)
{
	const char *alias;
	Dwarf_Die of;

	if (depth > LP_DIE_DEPTH_MAX)
		return fail(search, -EBADMSG);
	if (!lp_die_peel(&type, &alias))
		return false;
	if (is_it(search, &type, alias))
		return true;
	switch (dwarf_tag(&type)) {
	case DW_TAG_array_type:
		return lp_die_type(&type, &of) && contains(search, of, pointers, depth + 1);
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		return pointers && lp_die_type(&type, &of) &&
		       contains(search, of, false, depth + 1);
	default:
		return lp_die_is_aggregate(&type) && aggregate_contains(search, &type, depth);
	}
}

/* The type of a variable or parameter, or the result of a function. */
static bool has_it(struct search *search, Dwarf_Die *die)
{
	Dwarf_Die type;

	return lp_die_type(die, &type) && contains(search, type, true, 0);
}

static bool uses(struct search *search, Dwarf_Die *scope, int depth);

static bool referred(Dwarf_Die *die, unsigned int attribute, Dwarf_Die *to)
{
	Dwarf_Attribute attr;

	return dwarf_formref_die(dwarf_attr(die, attribute, &attr), to) != NULL;
}

/* An instance may leave out what has no place there; the function as it was written has it all. */
static bool origin_uses(struct search *search, Dwarf_Die *instance, int depth)
{
	Dwarf_Die origin;
	uint64_t known;
	bool found;
	int err;

	if (!referred(instance, DW_AT_abstract_origin, &origin))
		return false;
	if (lp_diemap_get(&search->functions, origin.addr, &known))
		return known;
	/* until it is known: one that is inlined into itself would never end */
	err = lp_diemap_put(&search->functions, origin.addr, false);
	found = has_it(search, &origin) || uses(search, &origin, depth + 1);
	err = err ? err : lp_diemap_put(&search->functions, origin.addr, found);
	return err ? fail(search, err) : found;
}

static bool called_has_it(struct search *search, Dwarf_Die *site)
{
	Dwarf_Die called;

	return (referred(site, DW_AT_call_origin, &called) ||
		referred(site, DW_AT_abstract_origin, &called)) &&
	       has_it(search, &called);
}

static bool uses_one(struct search *search, Dwarf_Die *die, int depth)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_formal_parameter:
	case DW_TAG_variable:
		return has_it(search, die);
	case DW_TAG_call_site:
	case DW_TAG_GNU_call_site:
		return called_has_it(search, die);
	case DW_TAG_inlined_subroutine:
		return origin_uses(search, die, depth) || uses(search, die, depth + 1);
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
		return uses(search, die, depth + 1);
	default:
		return false;
	}
}

/* What is in a function, block or inlined function. */
static bool uses(struct search *search, Dwarf_Die *scope, int depth)
{
	Dwarf_Die child;
	int more;

	if (depth > 4 * LP_DIE_DEPTH_MAX)
		return fail(search, -EBADMSG);
	for (more = dwarf_child(scope, &child); !more && !search->err;
	     more = dwarf_siblingof(&child, &child))
		if (uses_one(search, &child, depth))
			return true;
	return more < 0 ? fail(search, -EBADMSG) : false;
}

static bool is_reported(struct search *search, const char *name)
{
	uint64_t hash = lp_shape_mix_text(0, name);

	for (size_t i = 0; i < search->n_reported; i++)
		if (search->reported[i] == hash)
			return true;
	if (search->n_reported == search->capacity) {
		size_t capacity = 2 * search->capacity + 64;
		void *list = reallocarray(search->reported, capacity, sizeof(hash));

		if (!list) {
			fail(search, -ENOMEM);
			return true;
		}
		search->reported = list;
		search->capacity = capacity;
	}
	search->reported[search->n_reported++] = hash;
	return false;
}

static void check_function(struct search *search, Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	const char *name;

	if (!dwarf_hasattr(die, DW_AT_low_pc) && !dwarf_hasattr(die, DW_AT_ranges))
		return; /* has no code of its own */
	if (!has_it(search, die) && !origin_uses(search, die, 0) && !uses(search, die, 0))
		return;
	name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_linkage_name, &attr));
	name = name ? name : dwarf_diename(die);
	if (!search->err && name && !is_reported(search, name))
		search->report(search->context, name);
}

static int check_scope(struct search *search, Dwarf_Die *scope, int depth)
{
	Dwarf_Die child;
	int more;

	if (depth > 4 * LP_DIE_DEPTH_MAX)
		return -EBADMSG;
	for (more = dwarf_child(scope, &child); !more && !search->err;
	     more = dwarf_siblingof(&child, &child)) {
		int tag = dwarf_tag(&child);

		if (tag == DW_TAG_subprogram)
			check_function(search, &child);
		/* functions are in namespaces, in classes, and (GNU C) in functions */
		if (tag == DW_TAG_subprogram || tag == DW_TAG_namespace ||
		    tag == DW_TAG_lexical_block || lp_die_is_aggregate(&child))
			search->err = check_scope(search, &child, depth + 1);
	}
	return search->err ? search->err : more < 0 ? -EBADMSG : 0;
}

static int check_unit(void *context, Dwarf_Die *unit)
{
	return check_scope(context, unit, 0);
}

int lp_layout_users(const char *object, const char *type,
		    void (*report)(void *context, const char *function), void *context)
{
	struct search search = { .report = report, .context = context };
	int err = lp_debug_open(&search.debug, object);

	if (err)
		return err;
	parse(&search, type);
	err = lp_debug_units(&search.debug, check_unit, &search);
	lp_debug_close(&search.debug);
	lp_diemap_free(&search.types);
	lp_diemap_free(&search.functions);
	free(search.reported);
	return err;
}
