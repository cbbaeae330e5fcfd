/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the merged object replaces, and what its author has said of it by hand.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "merged.h"

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

static int describe_function(struct lp_described_object *object, const struct lp_placed *placed,
			     const struct lp_replaced *replaced)
{
	struct lp_elf *elf = placed->instance->target->elf;
	uint32_t symbol = placed->symbols[replaced->symbol];
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

/* Room was made for all. */
static struct lp_described_object *object_of(struct lp_merge *m, const struct lp_target *target)
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

static int describe_instance(struct lp_merge *m, const struct lp_placed *placed)
{
	const struct lp_instance *instance = placed->instance;
	int err = 0;

	for (size_t i = 0; i < instance->n_replaced && !err; i++) {
		const struct lp_replaced *replaced = &instance->replaced[i];
		struct lp_described_object *object = object_of(m, instance->target);

		if (!is_described(object, replaced->addr) || !is_weak(instance, replaced))
			err = describe_function(object, placed, replaced);
	}
	return err;
}

/*
 * --- by hand
 * ------------------------------------------------------------------------------------
 */

static int take_functions(struct lp_described_object *to, const struct lp_described_object *from,
			  const uint32_t *symbols)
{
	struct lp_described_function *list = realloc(
		to->functions, (to->n_functions + from->n_functions + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	to->functions = list;
	for (size_t i = 0; i < from->n_functions; i++) {
		list[to->n_functions] = from->functions[i];
		list[to->n_functions++].new_symbol = symbols[from->functions[i].new_symbol];
	}
	return 0;
}

static bool take_callbacks(uint32_t *to, const uint32_t *from, const uint32_t *symbols)
{
	bool any = false, had = false;

	for (int i = 0; i < LP_FILE_CALLBACKS; i++) {
		any |= from[i] != 0;
		had |= to[i] != 0;
	}
	for (int i = 0; any && i < LP_FILE_CALLBACKS; i++)
		to[i] = symbols[from[i]];
	return !any || !had;
}

static int take_object(struct lp_merge *m, const struct lp_placed *placed,
		       const struct lp_described_object *from)
{
	struct lp_described_object *to;
	struct lp_target *target;
	int err = lp_pack_find_target(m->job, from->name, &target);

	if (err)
		return err;
	to = object_of(m, target);
	if (!take_callbacks(to->callbacks, from->callbacks, placed->symbols))
		return lp_pack_refuse(m->job, "bad-patch", "%s: %s has callbacks twice",
				      placed->added->path, target->elf->name);
	return take_functions(to, from, placed->symbols);
}

/* Its lists become the merged object's; its objects are joined with those that are there. */
static int take_patch(struct lp_merge *m, const struct lp_placed *placed)
{
	struct lp_description *from = &placed->added->description, *d = &m->job->description;
	struct lp_description rest = { .objects = from->objects,
				       .n_objects = from->n_objects,
				       .externs = from->externs,
				       .n_externs = from->n_externs };
	int err = 0;

	from->objects = d->objects;
	from->n_objects = d->n_objects;
	from->externs = d->externs;
	from->n_externs = d->n_externs;
	*d = *from;
	*from = rest;
	for (size_t i = 0; i < d->n_states; i++) {
		struct lp_described_state *state = &d->states[i];

		for (int k = 0; k < LP_FILE_CALLBACKS; k++)
			state->callbacks[k] = placed->symbols[state->callbacks[k]];
		state->shadow_dtor = placed->symbols[state->shadow_dtor];
	}
	for (size_t i = 0; i < from->n_objects && err != -ENOMEM; i++)
		err = take_object(m, placed, &from->objects[i]) ?: err;
	return err;
}

static int take_externs(struct lp_merge *m, const struct lp_placed *placed)
{
	const struct lp_description *from = &placed->added->description;
	struct lp_description *d = &m->job->description;
	void *list = realloc(d->externs,
			     (d->n_externs + from->n_externs + 1) * sizeof(*d->externs));

	if (!list)
		return -ENOMEM;
	d->externs = list;
	for (size_t i = 0; i < from->n_externs; i++)
		d->externs[d->n_externs++] = from->externs[i];
	return 0;
}

static int describe_added(struct lp_merge *m, const struct lp_placed *placed)
{
	int err = 0;

	if (lp_relobj_section(placed->from, ".suture.patch"))
		err = take_patch(m, placed);
	return err ? err : take_externs(m, placed);
}

int lp_merge_describe(struct lp_merge *m)
{
	struct lp_description *d = &m->job->description;
	int err = 0;

	d->replaceable = true; /* as KLP_PATCH() has it, unless it says otherwise */
	d->objects = calloc(m->job->n_targets + 1, sizeof(*d->objects));
	if (!d->objects)
		return -ENOMEM;
	for (size_t i = 0; i < m->count && (!err || err == -ECANCELED); i++) {
		const struct lp_placed *placed = &m->placed[i];
		int result = placed->instance ? describe_instance(m, placed) :
						describe_added(m, placed);

		err = result ? result : err;
	}
	return err;
}
