/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "declaration.h"
#include "layout_value.h"

struct value {
	uint64_t key; /* unit, scope, what, name */
	size_t order; /* in the object */
	const char *name;
	Dwarf_Die type; /* of a variable */
	uint64_t number; /* of a constant */
	bool constant;
};

/* Those of an object. */
struct values {
	struct value *list;
	size_t count, capacity;
	Dwarf_Off *named; /* enums that have a name by a typedef */
	size_t n_named, named_capacity;
	struct lp_shapes shapes;
	uint64_t units;
};

static bool grow(void **list, size_t count, size_t *capacity, size_t size)
{
	size_t larger = 2 * *capacity + 64;
	void *grown;

	if (count < *capacity)
		return true;
	grown = reallocarray(*list, larger, size);
	if (!grown)
		return false;
	*list = grown;
	*capacity = larger;
	return true;
}

static int add(struct values *values, const struct value *value, uint64_t scope)
{
	struct value *added;

	if (!grow((void **)&values->list, values->count, &values->capacity, sizeof(*added)))
		return -ENOMEM;
	added = &values->list[values->count];
	*added = *value;
	added->order = values->count++;
	added->key = lp_shape_mix(lp_shape_mix_text(scope, value->name), value->constant);
	return 0;
}

/* --- what an object has ------------------------------------------------------------------------ */

/* Through arrays and typedefs to what is stored; true: it is constant. */
static bool peel_stored(Dwarf_Die *type, const char **alias)
{
	bool constant = false;

	*alias = NULL;
	for (int depth = 0; depth < LP_DIE_DEPTH_MAX; depth++) {
		int tag = dwarf_tag(type);
		Dwarf_Die inner;

		if (tag != DW_TAG_typedef && tag != DW_TAG_array_type && !lp_die_is_cv(tag))
			break;
		constant |= tag == DW_TAG_const_type;
		if (tag == DW_TAG_typedef)
			*alias = dwarf_diename(type);
		if (!lp_die_type(type, &inner))
			break;
		*type = inner;
	}
	return constant;
}

/* It has one place, wherever that is. */
static bool is_static(Dwarf_Die *variable)
{
	Dwarf_Attribute attr;
	Dwarf_Op *ops;
	size_t count;

	return !dwarf_hasattr(variable, DW_AT_declaration) &&
	       dwarf_attr(variable, DW_AT_location, &attr) &&
	       dwarf_whatform(&attr) == DW_FORM_exprloc &&
	       !dwarf_getlocation(&attr, &ops, &count) && count &&
	       (ops[0].atom == DW_OP_addr || ops[0].atom == DW_OP_addrx);
}

static int add_variable(struct values *values, Dwarf_Die *die, uint64_t scope)
{
	struct value value = { 0 };
	Dwarf_Attribute attr;
	Dwarf_Die stored;
	const char *alias;

	if (!dwarf_attr(die, DW_AT_name, &attr) || !is_static(die) ||
	    !lp_die_type(die, &value.type))
		return 0;
	value.name = dwarf_formstring(&attr);
	stored = value.type;
	return !value.name || peel_stored(&stored, &alias) ? 0 : add(values, &value, scope);
}

static int add_constants(struct values *values, Dwarf_Die *type, uint64_t scope)
{
	Dwarf_Die child;
	int more, err = 0;

	for (more = dwarf_child(type, &child); !more && !err;
	     more = dwarf_siblingof(&child, &child)) {
		struct value value = { .name = dwarf_diename(&child),
				       .constant = true,
				       .type = *type };

		if (dwarf_tag(&child) == DW_TAG_enumerator && value.name &&
		    lp_die_number(&child, DW_AT_const_value, &value.number))
			err = add(values, &value, scope);
	}
	return err ? err : more < 0 ? -EBADMSG : 0;
}

static int note_typedef(struct values *values, Dwarf_Die *die)
{
	Dwarf_Die type;

	if (!lp_die_type(die, &type) || dwarf_tag(&type) != DW_TAG_enumeration_type)
		return 0;
	if (!grow((void **)&values->named, values->n_named, &values->named_capacity,
		  sizeof(*values->named)))
		return -ENOMEM;
	values->named[values->n_named++] = dwarf_dieoffset(&type);
	return 0;
}

static bool is_scope(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_namespace:
	case DW_TAG_subprogram:
	case DW_TAG_lexical_block:
		return true;
	default:
		return lp_die_is_aggregate(die);
	}
}

static int collect(struct values *values, Dwarf_Die *parent, uint64_t scope, int depth)
{
	Dwarf_Die child;
	int more, err = 0;

	if (depth > 4 * LP_DIE_DEPTH_MAX)
		return -EBADMSG;
	for (more = dwarf_child(parent, &child); !more && !err;
	     more = dwarf_siblingof(&child, &child)) {
		if (dwarf_tag(&child) == DW_TAG_variable)
			err = add_variable(values, &child, scope);
		else if (dwarf_tag(&child) == DW_TAG_typedef)
			err = note_typedef(values, &child);
		else if (dwarf_tag(&child) == DW_TAG_enumeration_type && !dwarf_diename(&child))
			err = add_constants(values, &child, scope);
		else if (is_scope(&child))
			err = collect(values, &child,
				      lp_shape_mix_text(scope, dwarf_diename(&child)), depth + 1);
	}
	return err ? err : more < 0 ? -EBADMSG : 0;
}

static int collect_unit(void *context, Dwarf_Die *unit)
{
	struct values *values = context;

	return collect(values, unit, ++values->units, 0);
}

/* --- the two of them --------------------------------------------------------------------------- */

static int compare_keys(const struct value *x, const struct value *y)
{
	return x->key < y->key ? -1 : x->key > y->key;
}

static int compare(const void *a, const void *b)
{
	const struct value *x = a, *y = b;
	int result = compare_keys(x, y);

	return result ? result : x->order < y->order ? -1 : x->order > y->order;
}

static int load(struct values *values, struct lp_debug *debug)
{
	int err = lp_debug_units(debug, collect_unit, values);

	if (!err && values->count)
		qsort(values->list, values->count, sizeof(*values->list), compare);
	return err;
}

static void values_free(struct values *values)
{
	lp_shapes_free(&values->shapes);
	free(values->named);
	free(values->list);
}

static bool has_name(const struct values *values, struct value *constant)
{
	for (size_t i = 0; i < values->n_named; i++)
		if (values->named[i] == dwarf_dieoffset(&constant->type))
			return true;
	return false;
}

static const char *name_of(Dwarf_Die *type, const char *alias)
{
	const char *name = dwarf_diename(type);

	return name ? name : alias;
}

/* Both are of one type with a name, and what became of that is told by it. */
static bool is_told_by_type(struct value *old, struct value *new)
{
	Dwarf_Die was = old->type, is = new->type;
	const char *old_alias, *new_alias, *old_name, *new_name;

	peel_stored(&was, &old_alias);
	peel_stored(&is, &new_alias);
	if (dwarf_tag(&was) == DW_TAG_base_type || dwarf_tag(&was) != dwarf_tag(&is))
		return false;
	old_name = name_of(&was, old_alias);
	new_name = name_of(&is, new_alias);
	return old_name && new_name && !strcmp(old_name, new_name);
}

static uint64_t size_of(Dwarf_Die *type)
{
	Dwarf_Word size;

	return dwarf_aggregate_size(type, &size) ? 0 : size;
}

struct reporter {
	struct values old, new;
	void (*report)(void *context, const struct lp_layout_change *change);
	void *context;
};

static bool differs(struct reporter *reporter, struct value *old, struct value *new)
{
	if (old->constant)
		return old->number != new->number && !has_name(&reporter->old, old);
	return size_of(&old->type) == size_of(&new->type) &&
	       lp_shape(&reporter->old.shapes, &old->type) !=
		       lp_shape(&reporter->new.shapes, &new->type) &&
	       !is_told_by_type(old, new);
}

static int report_one(struct reporter *reporter, struct value *old, struct value *new)
{
	struct lp_layout_change change = {
		.type = old->name,
		.kind = old->constant ? LP_LAYOUT_CONSTANT : LP_LAYOUT_VARIABLE,
		.declared_at = "",
	};
	struct lp_buffer text = { 0 };

	if (old->constant) {
		lp_buffer_print(&text, "%s of an unnamed enum: %lld -> %lld", old->name,
				(long long)old->number, (long long)new->number);
	} else {
		lp_declare(&text, &old->type, old->name);
		lp_buffer_print(&text, " became ");
		lp_declare(&text, &new->type, "");
	}
	lp_buffer_add(&text, "", 1);
	if (!text.failed) {
		change.text = (const char *)text.bytes;
		reporter->report(reporter->context, &change);
	}
	lp_buffer_free(&text);
	return text.failed ? -ENOMEM : 0;
}

struct pair {
	struct value *old, *new;
};

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return x->old->order < y->old->order ? -1 : x->old->order > y->old->order;
}

/* Those with one key are paired one by one. The list has room for all. */
static size_t pair_up(struct reporter *reporter, struct pair *pairs)
{
	struct values *old = &reporter->old, *new = &reporter->new;
	size_t count = 0, i = 0, k = 0;

	while (i < old->count && k < new->count) {
		int order = compare_keys(&old->list[i], &new->list[k]);

		if (!order && differs(reporter, &old->list[i], &new->list[k]))
			pairs[count++] = (struct pair){ &old->list[i], &new->list[k] };
		i += order <= 0;
		k += order >= 0;
	}
	if (count)
		qsort(pairs, count, sizeof(*pairs), compare_pairs);
	return count;
}

static int report_all(struct reporter *reporter)
{
	struct pair *pairs = calloc(reporter->old.count + 1, sizeof(*pairs));
	size_t count = pairs ? pair_up(reporter, pairs) : 0;
	int err = pairs ? reporter->old.shapes.err : -ENOMEM;

	err = err ? err : reporter->new.shapes.err;
	for (size_t i = 0; i < count && !err; i++)
		err = report_one(reporter, pairs[i].old, pairs[i].new);
	free(pairs);
	return err;
}

int lp_layout_values(struct lp_debug *original, struct lp_debug *patched,
		     void (*report)(void *context, const struct lp_layout_change *change),
		     void *context)
{
	struct reporter reporter = { .report = report, .context = context };
	int err = load(&reporter.old, original);

	err = err ? err : load(&reporter.new, patched);
	err = err ? err : report_all(&reporter);
	values_free(&reporter.old);
	values_free(&reporter.new);
	return err;
}
