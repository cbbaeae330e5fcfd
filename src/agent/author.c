/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "author.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "loaded.h"
#include "shadow_host.h"
#include "sys.h"

/* --- the copies --- */

static void fill(struct lp_author *author, const struct lp_patch_file *file)
{
	const struct lp_file *info = file->info;

	for (uint32_t i = 0; i < info->states.count; i++) {
		const struct lp_file_state *from = &file->states[i];

		author->states[i] = (struct klp_state){
			.id = from->id,
			.version = from->version,
			.is_shadow = from->flags & LP_FILE_STATE_SHADOW,
			.block_disable = from->flags & LP_FILE_STATE_BLOCK_DISABLE,
		};
	}
	for (uint32_t i = 0; i < info->objects.count; i++)
		author->objects[i].name = lp_patch_file_string(file, file->objects[i].name);
	author->patch = (struct klp_patch){
		.name = lp_patch_file_string(file, info->name),
		.description = lp_patch_file_string(file, info->description),
		.objs = author->objects,
		.states = author->states,
		.provides = info->provides,
		.replace = info->flags & LP_FILE_REPLACE,
		.replaceable = info->flags & LP_FILE_REPLACEABLE,
		.conflicts = info->flags & LP_FILE_CONFLICTS_REPLACE ? KLP_REPLACE : KLP_REJECT,
	};
}

int lp_author_create(struct lp_author *author, const struct lp_patch_file *file)
{
	const struct lp_file *info = file->info;

	author->states = lp_alloc((info->states.count + 1) * sizeof(*author->states));
	author->objects = lp_alloc((info->objects.count + 1) * sizeof(*author->objects));
	if (!author->states || !author->objects) {
		lp_author_destroy(author);
		return -ENOMEM;
	}
	fill(author, file);
	return 0;
}

void lp_author_destroy(struct lp_author *author)
{
	lp_free(author->states);
	lp_free(author->objects);
	memset(author, 0, sizeof(*author));
}

/* --- what other threads may ask --- */

static struct lp_core *core;

/*
 * The states of the patches that the transition in progress replaces: written by the agent's thread,
 * which has all signals blocked, read by any: the sequence is odd while it is being written.
 */
static struct {
	uint32_t sequence;
	uint32_t count;
	struct klp_state *states[LP_PATCH_STATES_MAX];
} previous;

void lp_author_init(struct lp_core *of)
{
	core = of;
}

static struct klp_state *find_state(const struct lp_author *author, uint64_t id)
{
	for (struct klp_state *state = author->states; state->id; state++)
		if (state->id == id)
			return state;
	return NULL;
}

static void take_over(struct lp_author *to, const struct lp_author *from)
{
	for (struct klp_state *state = to->states; state->id; state++) {
		const struct klp_state *old = find_state(from, state->id);

		if (old)
			state->data = old->data;
	}
}

void lp_author_take_over(const struct lp_transition *tr)
{
	struct lp_patch *coming, *leaving;

	lp_list_for_each(coming, &tr->coming, transition_link)
		lp_list_for_each(leaving, &tr->leaving, transition_link)
			take_over(&lp_loaded_of(coming)->author, &lp_loaded_of(leaving)->author);
}

static uint32_t list_previous(struct klp_state **states)
{
	const struct lp_patch *patch;
	uint32_t count = 0;

	lp_list_for_each(patch, &core->patches, link) {
		struct lp_author *author = &lp_loaded_of(patch)->author;

		for (unsigned int i = 0; i < patch->n_states && count < LP_PATCH_STATES_MAX; i++)
			if (lp_state_get_prev(core, patch->states[i].id) == &patch->states[i])
				states[count++] = find_state(author, patch->states[i].id);
	}
	return count;
}

static void update_previous(void)
{
	static struct klp_state *now[LP_PATCH_STATES_MAX];
	uint32_t count = list_previous(now);

	if (count == previous.count && !memcmp(now, previous.states, count * sizeof(*now)))
		return;
	__atomic_add_fetch(&previous.sequence, 1, __ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < count; i++)
		__atomic_store_n(&previous.states[i], now[i], __ATOMIC_RELAXED);
	__atomic_store_n(&previous.count, count, __ATOMIC_RELAXED);
	__atomic_add_fetch(&previous.sequence, 1, __ATOMIC_SEQ_CST);
}

void lp_author_update(void)
{
	update_previous();
	for (struct lp_loaded *loaded = lp_loaded_first(); loaded; loaded = loaded->next)
		__atomic_store_n(&loaded->author.complete,
				 !loaded->retired && lp_patch_is_complete(core, &loaded->core),
				 __ATOMIC_RELEASE);
}

/* --- the interface: called by patch code, on any thread --- */

static struct klp_state *get_state(struct klp_patch *patch, unsigned long id)
{
	const struct lp_author *author = (const struct lp_author *)patch;

	return find_state(author, id);
}

static struct klp_state *find_previous(unsigned long id)
{
	uint32_t count = __atomic_load_n(&previous.count, __ATOMIC_RELAXED);

	for (uint32_t i = 0; i < count && i < LP_PATCH_STATES_MAX; i++) {
		struct klp_state *state = __atomic_load_n(&previous.states[i], __ATOMIC_RELAXED);

		if (state && state->id == id)
			return state;
	}
	return NULL;
}

static struct klp_state *get_prev_state(unsigned long id)
{
	struct klp_state *found;
	uint32_t before, after;

	do {
		before = __atomic_load_n(&previous.sequence, __ATOMIC_ACQUIRE);
		found = find_previous(id);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		after = __atomic_load_n(&previous.sequence, __ATOMIC_RELAXED);
	} while ((before & 1) || before != after);
	return found;
}

static bool transition_complete(struct klp_patch *patch)
{
	return __atomic_load_n(&((struct lp_author *)patch)->complete, __ATOMIC_ACQUIRE);
}

static void *shadow_get(void *obj, unsigned long id)
{
	return lp_shadow_get(&lp_shadow_variables, obj, id);
}

static void *shadow_alloc(void *obj, unsigned long id, size_t size, gfp_t flags,
			  klp_shadow_ctor_t ctor, void *ctor_data)
{
	(void)flags;
	if (lp_shadow_host_is_stuck())
		return NULL;
	return lp_shadow_alloc(&lp_shadow_variables, obj, id, size, ctor, ctor_data);
}

static void *shadow_get_or_alloc(void *obj, unsigned long id, size_t size, gfp_t flags,
				 klp_shadow_ctor_t ctor, void *ctor_data)
{
	(void)flags;
	if (lp_shadow_host_is_stuck())
		return shadow_get(obj, id);
	return lp_shadow_get_or_alloc(&lp_shadow_variables, obj, id, size, ctor, ctor_data);
}

static void shadow_free(void *obj, unsigned long id, klp_shadow_dtor_t dtor)
{
	if (!lp_shadow_host_is_stuck())
		lp_shadow_free(&lp_shadow_variables, obj, id, dtor);
}

static void shadow_free_all(unsigned long id, klp_shadow_dtor_t dtor)
{
	if (!lp_shadow_host_is_stuck())
		lp_shadow_free_all(&lp_shadow_variables, id, dtor);
}

uint64_t lp_author_symbol(const struct lp_author *author, const char *name)
{
	const struct {
		const char *name;
		const void *addr;
	} interface[] = {
		{ "klp_this_patch", &author->patch },
		{ "klp_get_state", get_state },
		{ "klp_get_prev_state", get_prev_state },
		{ "klp_transition_complete", transition_complete },
		{ "klp_shadow_get", shadow_get },
		{ "klp_shadow_alloc", shadow_alloc },
		{ "klp_shadow_get_or_alloc", shadow_get_or_alloc },
		{ "klp_shadow_free", shadow_free },
		{ "klp_shadow_free_all", shadow_free_all },
	};

	for (size_t i = 0; i < sizeof(interface) / sizeof(*interface); i++)
		if (!strcmp(interface[i].name, name))
			return (uint64_t)(uintptr_t)interface[i].addr;
	return 0;
}
