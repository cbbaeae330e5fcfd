/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A hash table with open addressing and linear probing. One writer at a time, by the host's lock;
 * readers take nothing and write nothing. Why a reader is right whatever a writer does meanwhile:
 * docs/design/shadow.md. What that rests on:
 *
 * - A slot without data is empty. While a variable is in a slot, no slot between its home and there
 *   is empty. There are no tombstones: a removal moves later variables back into the gap.
 * - A move writes the copy first, then counts in `moves`, then overwrites where it came from.
 * - A slot's generation is odd while it is written and grows with each write.
 * - A table that has been replaced by a larger one is never written again, and is memory until
 *   deinit. All of them together are smaller than the current one.
 */
#include "shadow.h"

/*
 * Tests: what runs between any two accesses to shared memory, the hash, and the smallest table.
 * Planted bugs, which they find: LP_BUG_SHADOW_RECHECK, LP_BUG_SHADOW_MOVES, LP_BUG_SHADOW_ORDER.
 */
#ifndef LP_SHADOW_PAUSE
#define LP_SHADOW_PAUSE() ((void)0)
#endif
#ifndef LP_SHADOW_HASH
#define LP_SHADOW_HASH(seed, obj, id) shadow_hash(seed, obj, id)
#endif
#ifndef LP_SHADOW_SLOTS_MIN
#define LP_SHADOW_SLOTS_MIN 16
#endif

#define SHADOW_LINE 64

/*
 * What readers may see: all by these two, which are partners. Who sees a store sees all stores
 * before it; so no fences, which thread sanitizers do not understand.
 */
#define SHADOW_LOAD(place) (LP_SHADOW_PAUSE(), __atomic_load_n(place, __ATOMIC_ACQUIRE))
#define SHADOW_STORE(place, value)                                                                 \
	(LP_SHADOW_PAUSE(), __atomic_store_n(place, value, __ATOMIC_RELEASE))

/* Half a cache line, so that a lookup touches one in most cases. */
struct shadow_slot {
	unsigned long generation;
	void *obj;
	unsigned long id;
	void *data; /* NULL: the slot is empty */
};

/* All but `moves` and the slots stays as it is once readers know the table. */
struct lp_shadow_table {
	struct lp_shadow_table *older; /* the one it has replaced */
	struct shadow_slot *slots;
	size_t mask; /* slots - 1 */
	unsigned long moves;
};

/*
 * No two objects have the same hash for one id, and every bit of both reaches the low ones,
 * whatever objects and ids have in common (test_shadow.c). From the second step on it is
 * splitmix64: https://prng.di.unimi.it/splitmix64.c
 */
static inline uint64_t __attribute__((unused))
shadow_hash(uint64_t seed, const void *obj, unsigned long id)
{
	uint64_t x = ((uintptr_t)obj ^ seed) * 0x9e3779b97f4a7c15u;

	x = (x ^ (x >> 32)) + id;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

void lp_shadow_init(struct lp_shadow *shadow, const struct lp_shadow_host *host, void *host_data,
		    uint64_t seed)
{
	*shadow = (struct lp_shadow){ .host = host, .host_data = host_data, .seed = seed };
}

void lp_shadow_deinit(struct lp_shadow *shadow)
{
	const struct lp_shadow_host *host = shadow->host;
	struct lp_shadow_table *table = shadow->table, *older;

	for (size_t i = 0; table && i <= table->mask; i++)
		if (table->slots[i].data)
			host->free(shadow->host_data, table->slots[i].data);
	for (; table; table = older) {
		older = table->older;
		host->free(shadow->host_data, table);
	}
	shadow->table = NULL;
	shadow->count = 0;
}

static bool shadow_is_valid(const struct shadow_slot *slot, unsigned long generation)
{
#ifdef LP_BUG_SHADOW_RECHECK
	return (void)slot, (void)generation, true;
#else
	return !(generation & 1) && SHADOW_LOAD(&slot->generation) == generation;
#endif
}

/*
 * A slot that changes while it is read is passed by: its variable is then being made or ended,
 * which makes either answer true, or moved.
 */
static inline void *shadow_probe(const struct lp_shadow_table *table, size_t home, const void *obj,
				 unsigned long id)
{
	for (size_t n = 0; n <= table->mask; n++) {
		const struct shadow_slot *slot = &table->slots[(home + n) & table->mask];
		unsigned long generation = SHADOW_LOAD(&slot->generation);
		void *data = SHADOW_LOAD(&slot->data);

		if (!data)
			break;
		if (SHADOW_LOAD(&slot->obj) == obj && SHADOW_LOAD(&slot->id) == id &&
		    shadow_is_valid(slot, generation))
			return data;
	}
	return NULL;
}

void *lp_shadow_get(const struct lp_shadow *shadow, void *obj, unsigned long id)
{
	const struct lp_shadow_table *table = SHADOW_LOAD(&shadow->table);
	size_t home = (size_t)LP_SHADOW_HASH(shadow->seed, obj, id);
	unsigned long moves;
	void *data;

	if (!table)
		return NULL;
	/* a table that is replaced now has no more moves: this ends */
	do {
		moves = SHADOW_LOAD(&table->moves);
		data = shadow_probe(table, home, obj, id);
#ifdef LP_BUG_SHADOW_MOVES
		break;
#endif
	} while (!data && SHADOW_LOAD(&table->moves) != moves);
	return data;
}

/* --- writers: the lock is held, so they may read without care --- */

/* Where the variable is, or the empty slot where it would be. */
static struct shadow_slot *shadow_find(const struct lp_shadow *shadow,
				       const struct lp_shadow_table *table, const void *obj,
				       unsigned long id)
{
	size_t i = (size_t)LP_SHADOW_HASH(shadow->seed, obj, id) & table->mask;

	while (table->slots[i].data && (table->slots[i].obj != obj || table->slots[i].id != id))
		i = (i + 1) & table->mask;
	return &table->slots[i];
}

static void shadow_write(struct shadow_slot *slot, void *obj, unsigned long id, void *data)
{
	unsigned long generation = slot->generation;

	SHADOW_STORE(&slot->generation, generation + 1);
	SHADOW_STORE(&slot->obj, obj);
	SHADOW_STORE(&slot->id, id);
	SHADOW_STORE(&slot->data, data);
	SHADOW_STORE(&slot->generation, generation + 2);
}

static void shadow_move(struct lp_shadow_table *table, struct shadow_slot *to,
			struct shadow_slot *from)
{
#ifdef LP_BUG_SHADOW_ORDER
	SHADOW_STORE(&table->moves, table->moves + 1);
	shadow_write(to, from->obj, from->id, from->data);
#else
	shadow_write(to, from->obj, from->id, from->data);
	SHADOW_STORE(&table->moves, table->moves + 1);
#endif
}

/*
 * The gap wanders along the run of used slots to its end. Until it is overwritten it holds what was
 * moved out of it last, so that no reader takes it for the end of the run.
 */
static void shadow_remove(struct lp_shadow *shadow, struct shadow_slot *slot)
{
	struct lp_shadow_table *table = shadow->table;
	size_t mask = table->mask, gap = (size_t)(slot - table->slots), next = gap;

	for (;;) {
		struct shadow_slot *later = &table->slots[next = (next + 1) & mask];
		size_t home;

		if (!later->data)
			break;
		home = (size_t)LP_SHADOW_HASH(shadow->seed, later->obj, later->id);
		if (((next - home) & mask) < ((next - gap) & mask))
			continue; /* its home is behind the gap */
		shadow_move(table, &table->slots[gap], later);
		gap = next;
	}
	shadow_write(&table->slots[gap], NULL, 0, NULL);
	__atomic_store_n(&shadow->count, shadow->count - 1, __ATOMIC_RELAXED);
}

static struct lp_shadow_table *shadow_create_table(struct lp_shadow *shadow, size_t slots)
{
	struct lp_shadow_table *table;
	size_t size;

	if (__builtin_mul_overflow(slots, sizeof(struct shadow_slot), &size) ||
	    __builtin_add_overflow(size, sizeof(*table) + SHADOW_LINE, &size))
		return NULL;
	table = shadow->host->alloc(shadow->host_data, size);
	if (!table)
		return NULL;
	table->slots = (struct shadow_slot *)(((uintptr_t)(table + 1) + SHADOW_LINE - 1) &
					      ~(uintptr_t)(SHADOW_LINE - 1));
	table->mask = slots - 1;
	return table;
}

/* One more would fill more than two thirds; then runs become long. */
static bool shadow_is_full(const struct lp_shadow *shadow)
{
	return !shadow->table || shadow->count >= (shadow->table->mask + 1) / 3 * 2;
}

/* Readers that are in the old table see what was there until now. */
static void shadow_grow(struct lp_shadow *shadow, struct lp_shadow_table *larger)
{
	struct lp_shadow_table *table = shadow->table;

	for (size_t i = 0; table && i <= table->mask; i++) {
		struct shadow_slot *slot = &table->slots[i], *to;

		if (!slot->data)
			continue;
		to = shadow_find(shadow, larger, slot->obj, slot->id);
		to->obj = slot->obj;
		to->id = slot->id;
		to->data = slot->data;
	}
	larger->older = table;
	SHADOW_STORE(&shadow->table, larger);
}

struct shadow_request {
	void *obj;
	unsigned long id;
	size_t size;
	lp_shadow_ctor *ctor;
	void *ctor_data;
};

/* The constructor is the last that can fail: there is no way to take back what it did. */
static void *shadow_create(struct lp_shadow *shadow, const struct shadow_request *request)
{
	const struct lp_shadow_host *host = shadow->host;
	struct lp_shadow_table *larger = NULL;
	void *data = host->alloc(shadow->host_data, request->size ? request->size : 1);

	if (!data)
		return NULL;
	if (shadow_is_full(shadow)) {
		larger = shadow_create_table(shadow, shadow->table ? (shadow->table->mask + 1) * 2 :
								     LP_SHADOW_SLOTS_MIN);
		if (!larger)
			goto fail;
	}
	if (request->ctor && request->ctor(request->obj, data, request->ctor_data) != 0)
		goto fail_larger;
	if (larger)
		shadow_grow(shadow, larger);
	shadow_write(shadow_find(shadow, shadow->table, request->obj, request->id), request->obj,
		     request->id, data);
	__atomic_store_n(&shadow->count, shadow->count + 1, __ATOMIC_RELAXED);
	return data;

fail_larger:
	if (larger)
		host->free(shadow->host_data, larger);
fail:
	host->free(shadow->host_data, data);
	return NULL;
}

/* The data of the variable, which existed or not. */
static void *shadow_get_or_create(struct lp_shadow *shadow, const struct shadow_request *request,
				  bool *existed)
{
	void *data = NULL;

	shadow->host->lock(shadow->host_data);
	if (shadow->table)
		data = shadow_find(shadow, shadow->table, request->obj, request->id)->data;
	*existed = data;
	if (!data)
		data = shadow_create(shadow, request);
	shadow->host->unlock(shadow->host_data);
	return data;
}

void *lp_shadow_alloc(struct lp_shadow *shadow, void *obj, unsigned long id, size_t size,
		      lp_shadow_ctor *ctor, void *ctor_data)
{
	const struct shadow_request request = { obj, id, size, ctor, ctor_data };
	bool existed;
	void *data = shadow_get_or_create(shadow, &request, &existed);

	return existed ? NULL : data;
}

void *lp_shadow_get_or_alloc(struct lp_shadow *shadow, void *obj, unsigned long id, size_t size,
			     lp_shadow_ctor *ctor, void *ctor_data)
{
	const struct shadow_request request = { obj, id, size, ctor, ctor_data };
	bool existed;
	void *data = lp_shadow_get(shadow, obj, id);

	return data ? data : shadow_get_or_create(shadow, &request, &existed);
}

static void shadow_end(struct lp_shadow *shadow, struct shadow_slot *slot, lp_shadow_dtor *dtor)
{
	void *obj = slot->obj, *data = slot->data;

	shadow_remove(shadow, slot);
	if (dtor)
		dtor(obj, data);
	shadow->host->free(shadow->host_data, data);
}

void lp_shadow_free(struct lp_shadow *shadow, void *obj, unsigned long id, lp_shadow_dtor *dtor)
{
	struct shadow_slot *slot;

	shadow->host->lock(shadow->host_data);
	slot = shadow->table ? shadow_find(shadow, shadow->table, obj, id) : NULL;
	if (slot && slot->data)
		shadow_end(shadow, slot, dtor);
	shadow->host->unlock(shadow->host_data);
}

/*
 * A removal moves variables back, but not before the gap: what comes into slot i is looked at next.
 * What comes from the start of the table to its end has been looked at already.
 */
void lp_shadow_free_all(struct lp_shadow *shadow, unsigned long id, lp_shadow_dtor *dtor)
{
	struct lp_shadow_table *table;

	shadow->host->lock(shadow->host_data);
	table = shadow->table;
	for (size_t i = 0; table && i <= table->mask; i++)
		while (table->slots[i].data && table->slots[i].id == id)
			shadow_end(shadow, &table->slots[i], dtor);
	shadow->host->unlock(shadow->host_data);
}

size_t lp_shadow_count(const struct lp_shadow *shadow)
{
	return __atomic_load_n(&shadow->count, __ATOMIC_RELAXED);
}
