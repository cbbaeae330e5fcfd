/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Each object is read once, and for each type that it defines a number is kept, its shape. Types
 * are paired by unit, scope and name; only those with different shapes are looked at closely.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "declaration.h"
#include "layout.h"
#include "layout_text.h"
#include "layout_value.h"

struct entry {
	uint64_t key; /* unit, scope, name */
	uint64_t shape;
	size_t order; /* in the object */
	Dwarf_Die type;
	const char *alias; /* typedef of an unnamed one */
};

/* The types of an object. */
struct table {
	struct lp_debug debug;
	struct lp_shapes shapes;
	struct entry *list;
	size_t count, capacity;
	uint64_t units;
};

static int collect(struct table *table, Dwarf_Die *parent, uint64_t scope, int depth);

static int entry_add(struct table *table, Dwarf_Die *type, const char *alias, uint64_t scope)
{
	const char *name = dwarf_diename(type);
	struct entry *entry;

	if (table->count == table->capacity) {
		size_t capacity = 2 * table->capacity + 64;
		void *list = reallocarray(table->list, capacity, sizeof(*entry));

		if (!list)
			return -ENOMEM;
		table->list = list;
		table->capacity = capacity;
	}
	entry = &table->list[table->count];
	*entry = (struct entry){ .order = table->count, .type = *type, .alias = alias };
	/* a struct that becomes a class stays what it is; a union would not */
	entry->key = lp_shape_mix_text(scope, name ? name : alias);
	entry->key = lp_shape_mix(entry->key, name != NULL);
	entry->key = lp_shape_mix(entry->key, (uint64_t)lp_die_is_aggregate(type) << 1 |
						      (dwarf_tag(type) == DW_TAG_union_type));
	entry->shape = lp_die_is_aggregate(type) ? lp_shape(&table->shapes, type) :
						   lp_shape_enum(&table->shapes, type);
	table->count++;
	return table->shapes.err;
}

static bool is_definition(Dwarf_Die *type)
{
	return !dwarf_hasattr(type, DW_AT_declaration) && dwarf_hasattr(type, DW_AT_byte_size);
}

static bool is_type(Dwarf_Die *die)
{
	return lp_die_is_aggregate(die) || dwarf_tag(die) == DW_TAG_enumeration_type;
}

/* typedef struct { ... } name */
static int typedef_add(struct table *table, Dwarf_Die *die, uint64_t scope)
{
	const char *name = dwarf_diename(die), *alias;
	Dwarf_Die type;

	if (!name || !lp_die_type(die, &type) || dwarf_tag(&type) == DW_TAG_typedef)
		return 0;
	if (!lp_die_peel(&type, &alias) || alias || !is_type(&type) || !is_definition(&type) ||
	    dwarf_diename(&type))
		return 0;
	return entry_add(table, &type, name, scope);
}

static bool is_scope(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_namespace:
	case DW_TAG_subprogram:
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
		return true;
	default:
		return lp_die_is_aggregate(die);
	}
}

static int collect_one(struct table *table, Dwarf_Die *die, uint64_t scope, int depth)
{
	int err = 0;

	if (is_type(die) && dwarf_diename(die) && is_definition(die))
		err = entry_add(table, die, NULL, scope);
	else if (dwarf_tag(die) == DW_TAG_typedef)
		err = typedef_add(table, die, scope);
	if (!err && is_scope(die))
		err = collect(table, die, lp_shape_mix_text(scope, dwarf_diename(die)), depth + 1);
	return err;
}

static int collect(struct table *table, Dwarf_Die *parent, uint64_t scope, int depth)
{
	Dwarf_Die child;
	int more, err = 0;

	if (depth > 4 * LP_DIE_DEPTH_MAX)
		return -EBADMSG;
	for (more = dwarf_child(parent, &child); !more && !err;
	     more = dwarf_siblingof(&child, &child))
		err = collect_one(table, &child, scope, depth);
	return err ? err : more < 0 ? -EBADMSG : 0;
}

/* Units are paired in their order. */
static int collect_unit(void *context, Dwarf_Die *unit)
{
	struct table *table = context;

	return collect(table, unit, ++table->units, 0);
}

static int compare_keys(const struct entry *x, const struct entry *y)
{
	return x->key < y->key ? -1 : x->key > y->key;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int result = compare_keys(x, y);

	return result ? result : x->order < y->order ? -1 : x->order > y->order;
}

static int table_load(struct table *table, const char *path)
{
	int err = lp_debug_open(&table->debug, path);

	err = err ? err : lp_debug_units(&table->debug, collect_unit, table);
	if (!err && table->count)
		qsort(table->list, table->count, sizeof(*table->list), compare_entries);
	return err;
}

static void table_free(struct table *table)
{
	lp_shapes_free(&table->shapes);
	lp_debug_close(&table->debug);
	free(table->list);
}

struct pair {
	struct entry *old, *new;
};

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return x->old->order < y->old->order ? -1 : x->old->order > y->old->order;
}

/* Those with one key are paired one by one. The list has room for all. */
static size_t pair_up(struct pair *pairs, const struct table *old, const struct table *new)
{
	size_t count = 0, i = 0, k = 0;

	while (i < old->count && k < new->count) {
		int order = compare_keys(&old->list[i], &new->list[k]);

		if (!order && old->list[i].shape != new->list[k].shape)
			pairs[count++] = (struct pair){ &old->list[i], &new->list[k] };
		i += order <= 0;
		k += order >= 0;
	}
	if (count)
		qsort(pairs, count, sizeof(*pairs), compare_pairs);
	return count;
}

struct reporter {
	struct table *old, *new;
	void (*report)(void *context, const struct lp_layout_change *change);
	void *context;
	uint64_t *seen; /* name and place, mixed */
	size_t n_seen;
};

/* dwarf_decl_file() dies where a unit has a table of files and no lines. */
static const char *file_of(Dwarf_Die *type)
{
	Dwarf_Die unit;
	Dwarf_Files *files;
	size_t count;
	uint64_t number;

	if (!lp_die_number(type, DW_AT_decl_file, &number) ||
	    !dwarf_diecu(type, &unit, NULL, NULL) || dwarf_getsrcfiles(&unit, &files, &count) ||
	    number >= count)
		return NULL;
	return dwarf_filesrc(files, number, NULL, NULL);
}

static void print_place(struct lp_buffer *text, Dwarf_Die *type)
{
	const char *file = file_of(type);
	int line;

	if (file && !dwarf_decl_line(type, &line))
		lp_buffer_print(text, "%s:%d", file, line);
	lp_buffer_add(text, "", 1);
}

static bool is_seen(struct reporter *reporter, const char *name, const char *place)
{
	uint64_t mixed = lp_shape_mix_text(lp_shape_mix_text(0, name), place);

	for (size_t i = 0; i < reporter->n_seen; i++)
		if (reporter->seen[i] == mixed)
			return true;
	reporter->seen[reporter->n_seen++] = mixed;
	return false;
}

static uint64_t size_of(Dwarf_Die *type)
{
	uint64_t size = 0;

	lp_die_number(type, DW_AT_byte_size, &size);
	return size;
}

/* Whether pointers to functions are all that differs. */
static bool same_but_for_signatures(struct pair *pair)
{
	struct lp_shapes old = { .coarse = true }, new = { .coarse = true };
	bool same = lp_die_is_aggregate(&pair->old->type) &&
		    lp_shape(&old, &pair->old->type) == lp_shape(&new, &pair->new->type);

	same &= !old.err && !new.err;
	lp_shapes_free(&old);
	lp_shapes_free(&new);
	return same;
}

static int describe(struct reporter *reporter, struct pair *pair, const char *name,
		    const char *place)
{
	struct lp_layout_side old = { &reporter->old->shapes, pair->old->type };
	struct lp_layout_side new = { &reporter->new->shapes, pair->new->type };
	struct lp_layout_change change = {
		.type = name,
		.old_size = size_of(&old.type),
		.new_size = size_of(&new.type),
		.declared_at = place,
	};
	struct lp_buffer text = { 0 };
	size_t start;
	int err;

	lp_buffer_add(&text, name, strlen(name));
	lp_buffer_print(&text, ": ");
	start = text.size;
	err = lp_layout_describe(&text, &old, &new, &change.kind);
	/* nothing to say: members of unnamed ones were grouped in another way, and the like */
	if (!err && text.size > start && !is_seen(reporter, name, place)) {
		if (change.kind == LP_LAYOUT_CHANGED && same_but_for_signatures(pair))
			change.kind = LP_LAYOUT_SIGNATURE;
		lp_buffer_add(&text, "", 1);
		change.text = (const char *)text.bytes;
		if (text.failed)
			err = -ENOMEM;
		else
			reporter->report(reporter->context, &change);
	}
	lp_buffer_free(&text);
	return err;
}

static int report_pair(struct reporter *reporter, struct pair *pair)
{
	struct lp_buffer name = { 0 }, place = { 0 };
	int err = -ENOMEM;

	lp_declare_type_name(&name, &pair->old->type, pair->old->alias);
	lp_buffer_add(&name, "", 1);
	print_place(&place, &pair->old->type);
	if (!name.failed && !place.failed)
		err = describe(reporter, pair, (const char *)name.bytes, (const char *)place.bytes);
	lp_buffer_free(&name);
	lp_buffer_free(&place);
	return err;
}

static int report_all(struct reporter *reporter)
{
	struct pair *pairs = calloc(reporter->old->count + 1, sizeof(*pairs));
	size_t count = pairs ? pair_up(pairs, reporter->old, reporter->new) : 0;
	int err = pairs ? 0 : -ENOMEM;

	reporter->seen = calloc(count + 1, sizeof(*reporter->seen));
	if (!reporter->seen)
		err = -ENOMEM;
	for (size_t i = 0; i < count && !err; i++)
		err = report_pair(reporter, &pairs[i]);
	free(reporter->seen);
	free(pairs);
	return err;
}

int lp_layout_compare(const char *original, const char *patched,
		      void (*report)(void *context, const struct lp_layout_change *change),
		      void *context)
{
	struct table old = { 0 }, new = { 0 };
	struct reporter reporter = {
		.old = &old,
		.new = &new,
		.report = report,
		.context = context,
	};
	int err = table_load(&old, original);

	err = err ? err : table_load(&new, patched);
	err = err ? err : report_all(&reporter);
	err = err ? err : lp_layout_values(&old.debug, &new.debug, report, context);
	table_free(&old);
	table_free(&new);
	return err;
}
