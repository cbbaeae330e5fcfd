/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <suture/livepatch.h>

#include "describe.h"

_Static_assert(offsetof(struct klp_callbacks, post_unpatch) ==
		       offsetof(struct klp_state_callbacks, post_unpatch),
	       "read_callbacks() reads both");

struct reader {
	struct lp_relobj *obj;
	const char *object_path;
	bool added;
	struct lp_build_refusal *refusal;
};

/* Where a pointer leads; section 0: NULL. */
struct place {
	uint32_t section;
	uint64_t offset;
};

static struct place place_at(struct place base, uint64_t offset)
{
	base.offset += offset;
	return base;
}

static int read_bytes(struct reader *r, struct place at, void *to, size_t size)
{
	const struct lp_section *section = &r->obj->sections[at.section];

	if (!section->bytes || at.offset > section->size || size > section->size - at.offset)
		return lp_refuse(
			r->refusal, "bad-patch",
			"a structure runs over the end of section %s: an array of it lacks "
			"its empty last entry",
			section->name);
	memcpy(to, section->bytes + at.offset, size);
	return 0;
}

static int read_symbol(struct reader *r, struct place at, struct lp_relocation *reloc,
		       struct place *to)
{
	const struct lp_symbol *symbol = &r->obj->symbols[reloc->symbol];

	if (reloc->type != R_X86_64_64 || symbol->section == SHN_UNDEF ||
	    symbol->section >= r->obj->n_sections)
		return lp_refuse(r->refusal, "bad-patch",
				 "a pointer at offset %" PRIu64 " of section %s leads out of the "
				 "patch (to %s); it must be a constant of this file",
				 at.offset, r->obj->sections[at.section].name, symbol->name);
	reloc->descriptive = true;
	to->section = symbol->section;
	to->offset = symbol->value + (uint64_t)reloc->addend;
	return 0;
}

static int read_pointer(struct reader *r, struct place at, struct place *to)
{
	uint64_t value;
	struct lp_relocation *reloc;
	int err = read_bytes(r, at, &value, sizeof(value));

	if (err)
		return err;
	*to = (struct place){ 0 };
	reloc = lp_section_reloc(&r->obj->sections[at.section], at.offset);
	if (reloc)
		return read_symbol(r, at, reloc, to);
	if (value)
		return lp_refuse(r->refusal, "bad-patch",
				 "a pointer at offset %" PRIu64 " of section %s is a bare number",
				 at.offset, r->obj->sections[at.section].name);
	return 0;
}

static int read_string(struct reader *r, struct place at, const char **string)
{
	const struct lp_section *section;
	struct place to;
	int err = read_pointer(r, at, &to);

	*string = NULL;
	if (err || !to.section)
		return err;
	section = &r->obj->sections[to.section];
	/* sections are stored with a NUL behind them */
	if (!section->bytes || to.offset >= section->size)
		return lp_refuse(r->refusal, "bad-patch", "a string lies outside of section %s",
				 section->name);
	*string = (const char *)section->bytes + to.offset;
	return 0;
}

/* Room for one more entry in an array of any type. */
static void *grow(void *array, size_t count, size_t size)
{
	void **list = array;
	char *new = realloc(*list, (count + 1) * size);

	if (!new)
		return NULL;
	*list = new;
	memset(new + count *size, 0, size);
	return new + count *size;
}

/* *symbol: the function of this file that a pointer leads to, or 0. *given: it is not NULL. */
static int find_function(struct reader *r, struct place at, uint32_t *symbol, bool *given)
{
	struct place to;
	int err = read_pointer(r, at, &to);

	if (err)
		return err;
	*given = to.section;
	*symbol = to.section ? lp_relobj_function_at(r->obj, to.section, to.offset) : 0;
	return 0;
}

static int read_new_func(struct reader *r, struct place at, struct lp_described_function *function)
{
	bool given;
	int err = find_function(r, at, &function->new_symbol, &given);

	if (err || function->new_symbol)
		return err;
	return lp_refuse(r->refusal, "bad-patch", "%s: new_func is not a function of this file",
			 function->name);
}

/* A pointer to a function of this file, or NULL. */
static int read_callback(struct reader *r, struct place at, const char *what, uint32_t *symbol)
{
	bool given;
	int err = find_function(r, at, symbol, &given);

	if (err || *symbol || !given)
		return err;
	return lp_refuse(r->refusal, "bad-patch", "%s is not a function of this file", what);
}

static int read_functions(struct reader *r, struct place at, struct lp_described_object *object)
{
	for (;; at.offset += sizeof(struct klp_func)) {
		struct lp_described_function *function;
		const char *name;
		int err = read_string(r, place_at(at, offsetof(struct klp_func, old_name)), &name);

		if (err || !name)
			return err;
		if (!*name)
			return lp_refuse(r->refusal, "bad-patch", "an old_name is empty");
		function = grow(&object->functions, object->n_functions, sizeof(*function));
		if (!function)
			return -ENOMEM;
		object->n_functions++;
		function->name = name;
		function->object_path = r->object_path;
		err = read_new_func(r, place_at(at, offsetof(struct klp_func, new_func)), function);
		err = err ? err :
			    read_bytes(r, place_at(at, offsetof(struct klp_func, old_sympos)),
				       &function->sympos, sizeof(function->sympos));
		if (err)
			return err;
	}
}

/* The first four members of struct klp_callbacks and struct klp_state_callbacks are the same. */
static int read_callbacks(struct reader *r, struct place at, uint32_t *callbacks)
{
	static const char *const names[LP_FILE_CALLBACKS] = { "pre_patch", "post_patch",
							      "pre_unpatch", "post_unpatch" };
	int err = 0;

	for (int i = 0; i < LP_FILE_CALLBACKS && !err; i++)
		err = read_callback(r, place_at(at, i * sizeof(void *)), names[i], &callbacks[i]);
	return err;
}

static bool has_callbacks(const struct lp_described_object *object)
{
	for (int i = 0; i < LP_FILE_CALLBACKS; i++)
		if (object->callbacks[i])
			return true;
	return false;
}

/* *end: it is the empty entry behind the last one. */
static int read_object(struct reader *r, struct place at, struct lp_described_object *object,
		       bool *end)
{
	struct place functions;
	int err = read_pointer(r, place_at(at, offsetof(struct klp_object, funcs)), &functions);

	err = err ? err :
		    read_string(r, place_at(at, offsetof(struct klp_object, name)), &object->name);
	err = err ? err :
		    read_callbacks(r, place_at(at, offsetof(struct klp_object, callbacks)),
				   object->callbacks);
	*end = !err && !functions.section && !object->name && !has_callbacks(object);
	if (!err && functions.section)
		err = read_functions(r, functions, object);
	if (err || *end || object->n_functions || (r->added && has_callbacks(object)))
		return err;
	return lp_refuse(r->refusal, "bad-patch", "object %s has no functions%s",
			 object->name ? object->name : "NULL", r->added ? " and no callbacks" : "");
}

static int read_objects(struct reader *r, struct place at, struct lp_description *d)
{
	for (;; at.offset += sizeof(struct klp_object)) {
		struct lp_described_object *object;
		bool end;
		int err;

		object = grow(&d->objects, d->n_objects, sizeof(*object));
		if (!object)
			return -ENOMEM;
		d->n_objects++;
		err = read_object(r, at, object, &end);
		if (end)
			d->n_objects--;
		if (err || end)
			return err;
	}
}

static int read_state_callbacks(struct reader *r, struct place at, struct lp_described_state *state)
{
	int err = read_callbacks(r, at, state->callbacks);

	return err ? err :
		     read_callback(r,
				   place_at(at, offsetof(struct klp_state_callbacks, shadow_dtor)),
				   "shadow_dtor", &state->shadow_dtor);
}

static int read_states(struct reader *r, struct place at, struct lp_description *d)
{
	for (;; at.offset += sizeof(struct klp_state)) {
		struct lp_described_state *slot;
		struct klp_state state;
		int err = read_bytes(r, at, &state, sizeof(state));

		if (err || !state.id)
			return err;
		for (size_t i = 0; i < d->n_states; i++)
			if (d->states[i].id == state.id)
				return lp_refuse(r->refusal, "bad-patch",
						 "state %lu is there twice", state.id);
		slot = grow(&d->states, d->n_states, sizeof(*slot));
		if (!slot)
			return -ENOMEM;
		d->n_states++;
		*slot = (struct lp_described_state){ .id = state.id,
						     .version = state.version,
						     .is_shadow = state.is_shadow,
						     .block_disable = state.block_disable };
		err = read_state_callbacks(r, place_at(at, offsetof(struct klp_state, callbacks)),
					   slot);
		if (err)
			return err;
	}
}

static int read_scopes(struct reader *r, struct place at, struct lp_description *d)
{
	for (;; at.offset += sizeof(uint64_t)) {
		uint64_t scope, *slot;
		int err = read_bytes(r, at, &scope, sizeof(scope));

		if (err || !scope)
			return err;
		slot = grow(&d->obsoletes, d->n_obsoletes, sizeof(*slot));
		if (!slot)
			return -ENOMEM;
		d->n_obsoletes++;
		*slot = scope;
	}
}

static int read_names(struct reader *r, struct place at, const char ***names, size_t *count)
{
	for (;; at.offset += sizeof(char *)) {
		const char *name, **slot;
		int err = read_string(r, at, &name);

		if (err || !name)
			return err;
		slot = grow(names, *count, sizeof(*slot));
		if (!slot)
			return -ENOMEM;
		++*count;
		*slot = name;
	}
}

static int read_scalars(struct reader *r, struct place at, struct lp_description *d)
{
	struct klp_patch patch;
	int err = read_bytes(r, at, &patch, sizeof(patch));

	if (err)
		return err;
	d->provides = patch.provides;
	d->replace = patch.replace;
	d->replaceable = patch.replaceable;
	d->conflicts_replace = patch.conflicts == KLP_REPLACE;
	if (patch.conflicts != KLP_REJECT && patch.conflicts != KLP_REPLACE)
		return lp_refuse(r->refusal, "bad-patch",
				 "conflicts is neither KLP_REJECT nor KLP_REPLACE");
	err = read_string(r, place_at(at, offsetof(struct klp_patch, name)), &d->name);
	return err ? err :
		     read_string(r, place_at(at, offsetof(struct klp_patch, description)),
				 &d->description);
}

static int read_arrays(struct reader *r, struct place at, struct lp_description *d)
{
	struct place to;
	int err = read_pointer(r, place_at(at, offsetof(struct klp_patch, objs)), &to);

	if (!err && to.section)
		err = read_objects(r, to, d);
	err = err ? err : read_pointer(r, place_at(at, offsetof(struct klp_patch, states)), &to);
	if (!err && to.section)
		err = read_states(r, to, d);
	err = err ? err : read_pointer(r, place_at(at, offsetof(struct klp_patch, obsoletes)), &to);
	if (!err && to.section)
		err = read_scopes(r, to, d);
	err = err ? err : read_pointer(r, place_at(at, offsetof(struct klp_patch, requires)), &to);
	if (!err && to.section)
		err = read_names(r, to, &d->required, &d->n_required);
	err = err ? err : read_pointer(r, place_at(at, offsetof(struct klp_patch, holds)), &to);
	if (!err && to.section)
		err = read_names(r, to, &d->holds, &d->n_holds);
	if (!err && !d->n_objects && !r->added)
		return lp_refuse(r->refusal, "bad-patch", "the patch has no objects");
	return err;
}

static int read_patch(struct reader *r, struct lp_description *d)
{
	const struct lp_section *section = lp_relobj_section(r->obj, ".suture.patch");
	struct place at = { 0 };
	int err;

	if (!section && r->added)
		return 0;
	if (!section)
		return lp_refuse(r->refusal, "bad-patch", "there is no KLP_PATCH() in it");
	if (section->size != sizeof(struct klp_patch))
		return lp_refuse(r->refusal, "bad-patch",
				 "KLP_PATCH() must be there once, and from this version of "
				 "suture/livepatch.h");
	at.section = (uint32_t)(section - r->obj->sections);
	err = read_scalars(r, at, d);
	return err ? err : read_arrays(r, at, d);
}

static int read_externs(struct reader *r, struct lp_description *d)
{
	const struct lp_section *section = lp_relobj_section(r->obj, ".suture.externs");
	struct place at = { 0 };
	int err = 0;

	if (!section)
		return 0;
	at.section = (uint32_t)(section - r->obj->sections);
	for (; at.offset < section->size && !err; at.offset += sizeof(struct klp_extern)) {
		struct lp_described_extern *slot = grow(&d->externs, d->n_externs, sizeof(*slot));

		if (!slot)
			return -ENOMEM;
		d->n_externs++;
		err = read_string(r, place_at(at, offsetof(struct klp_extern, local)),
				  &slot->local);
		err = err ? err :
			    read_string(r, place_at(at, offsetof(struct klp_extern, object)),
					&slot->object);
		err = err ? err :
			    read_string(r, place_at(at, offsetof(struct klp_extern, name)),
					&slot->name);
		err = err ? err :
			    read_bytes(r, place_at(at, offsetof(struct klp_extern, sympos)),
				       &slot->sympos, sizeof(slot->sympos));
		if (!err && (!slot->local || !slot->name))
			return lp_refuse(r->refusal, "bad-patch", "a KLP_EXTERN() has no name");
	}
	return err;
}

int lp_description_open(struct lp_description *description, struct lp_relobj *obj,
			const char *object_path, bool added, struct lp_build_refusal *refusal)
{
	struct reader reader = { obj, object_path, added, refusal };
	int err;

	*description = (struct lp_description){ 0 };
	err = read_patch(&reader, description);
	return err ? err : read_externs(&reader, description);
}

void lp_description_close(struct lp_description *description)
{
	for (size_t i = 0; i < description->n_objects; i++)
		free(description->objects[i].functions);
	free(description->objects);
	free(description->states);
	free(description->externs);
	free(description->obsoletes);
	free(description->required);
	free(description->holds);
}
