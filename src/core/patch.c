/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "patch.h"

#include "name.h"

/* 0 says "there must be only one", 1 says "the first": either way it is the first. */
static uint32_t position(const struct lp_function *function)
{
	return function->sympos ? function->sympos : 1;
}

static uint32_t identity_hash(const struct lp_function *function)
{
	uint32_t hash = lp_name_hash(LP_NAME_HASH_INIT, function->name);

	if (function->object)
		hash = lp_name_hash(hash + 1, function->object);
	return hash ^ position(function);
}

bool lp_function_same(const struct lp_function *a, const struct lp_function *b)
{
	return position(a) == position(b) && lp_name_same(a->name, b->name) &&
	       lp_name_same(a->object, b->object);
}

/*
 * The index of a patch's functions lies in the functions themselves, so that it needs no memory
 * and checking 10,000 functions stays linear: bucket b starts at functions[b].bucket, and goes
 * on by chain. Both are index + 1; 0 ends.
 */
static struct lp_function *index_find(const struct lp_patch *patch,
				      const struct lp_function *function, uint32_t hash)
{
	uint32_t at = patch->functions[hash % patch->n_functions].bucket;

	while (at) {
		struct lp_function *found = &patch->functions[at - 1];

		if (found->hash == hash && lp_function_same(found, function))
			return found;
		at = found->chain;
	}
	return NULL;
}

static void index_add(const struct lp_patch *patch, unsigned int i)
{
	struct lp_function *function = &patch->functions[i];
	struct lp_function *bucket = &patch->functions[function->hash % patch->n_functions];

	function->chain = bucket->bucket;
	bucket->bucket = i + 1;
}

static void index_clear(const struct lp_patch *patch)
{
	unsigned int i;

	for (i = 0; i < patch->n_functions; i++)
		patch->functions[i].bucket = patch->functions[i].chain = 0;
}

static int validate_functions(const struct lp_patch *patch)
{
	unsigned int i;

	if (!patch->n_functions || !patch->functions)
		return -EINVAL;
	index_clear(patch);
	for (i = 0; i < patch->n_functions; i++) {
		struct lp_function *function = &patch->functions[i];

		if (lp_name_empty(function->name) || (function->object && !*function->object))
			return -EINVAL;
		function->hash = identity_hash(function);
		if (index_find(patch, function, function->hash))
			return -EINVAL;
		index_add(patch, i);
	}
	return 0;
}

/* Functions come grouped by object, so the last owner is mostly the next one too. */
static void owners_set(const struct lp_patch *patch)
{
	struct lp_patch_object *last = NULL;
	unsigned int i;

	for (i = 0; i < patch->n_functions; i++) {
		struct lp_function *function = &patch->functions[i];

		if (!last || !lp_name_same(last->name, function->object))
			last = lp_patch_find_object(patch, function->object);
		function->owner = last;
	}
}

static int validate_objects(const struct lp_patch *patch)
{
	unsigned int i;

	if (patch->n_objects > LP_PATCH_OBJECTS_MAX || (patch->n_objects && !patch->objects))
		return -EINVAL;
	for (i = 0; i < patch->n_objects; i++) {
		const struct lp_patch_object *object = &patch->objects[i];

		if (object->name && !*object->name)
			return -EINVAL;
		if (lp_patch_find_object(patch, object->name) != object) /* it finds the first */
			return -EINVAL;
	}
	return 0;
}

static bool hold_same(const struct lp_hold *a, const struct lp_hold *b)
{
	return (a->sympos ? a->sympos : 1) == (b->sympos ? b->sympos : 1) &&
	       lp_name_same(a->name, b->name) && lp_name_same(a->object, b->object);
}

static int validate_holds(const struct lp_patch *patch)
{
	unsigned int i, j;

	if (patch->n_holds > LP_PATCH_HOLDS_MAX || (patch->n_holds && !patch->holds))
		return -EINVAL;
	for (i = 0; i < patch->n_holds; i++) {
		const struct lp_hold *hold = &patch->holds[i];

		if (lp_name_empty(hold->name) || (hold->object && !*hold->object))
			return -EINVAL;
		for (j = 0; j < i; j++) {
			if (hold_same(&patch->holds[j], hold))
				return -EINVAL;
		}
	}
	return 0;
}

static int validate_states(const struct lp_patch *patch)
{
	unsigned int i, j;

	if (patch->n_states > LP_PATCH_STATES_MAX || (patch->n_states && !patch->states))
		return -EINVAL;
	for (i = 0; i < patch->n_states; i++) {
		if (!patch->states[i].id)
			return -EINVAL;
		for (j = 0; j < i; j++) {
			if (patch->states[j].id == patch->states[i].id)
				return -EINVAL;
		}
	}
	return 0;
}

static int validate_requires(const struct lp_patch *patch)
{
	unsigned int i;

	if (patch->n_requires && !patch->requires)
		return -EINVAL;
	for (i = 0; i < patch->n_requires; i++) {
		if (lp_name_empty(patch->requires[i]))
			return -EINVAL;
	}
	return 0;
}

int lp_patch_validate(const struct lp_patch *patch)
{
	int error;

	if (lp_name_empty(patch->name) || (patch->n_obsoletes && !patch->obsoletes))
		return -EINVAL;
	error = validate_objects(patch);
	if (!error)
		error = validate_functions(patch);
	if (!error)
		error = validate_states(patch);
	if (!error)
		error = validate_requires(patch);
	if (!error)
		error = validate_holds(patch);
	if (!error)
		owners_set(patch);
	return error;
}

struct lp_function *lp_patch_find(const struct lp_patch *patch, const struct lp_function *function)
{
	if (!patch->n_functions)
		return NULL;
	return index_find(patch, function, identity_hash(function));
}

struct lp_patch_object *lp_patch_find_object(const struct lp_patch *patch, const char *name)
{
	unsigned int i;

	for (i = 0; i < patch->n_objects; i++) {
		if (lp_name_same(patch->objects[i].name, name))
			return &patch->objects[i];
	}
	return NULL;
}

bool lp_function_present(const struct lp_function *function)
{
	return !function->owner || function->owner->present;
}

const struct lp_patch_state *lp_patch_find_state(const struct lp_patch *patch, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < patch->n_states; i++) {
		if (patch->states[i].id == id)
			return &patch->states[i];
	}
	return NULL;
}
