/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>

#include "diemap.h"

static struct lp_diemap_slot *slot_of(const struct lp_diemap *map, const void *die)
{
	size_t at = (size_t)((uintptr_t)die * 0x9e3779b97f4a7c15u >> 20);

	while (map->slots[at & (map->capacity - 1)].die &&
	       map->slots[at & (map->capacity - 1)].die != die)
		at++;
	return &map->slots[at & (map->capacity - 1)];
}

static int grow(struct lp_diemap *map)
{
	struct lp_diemap bigger = { .capacity = map->capacity ? 2 * map->capacity : 256 };

	bigger.slots = calloc(bigger.capacity, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < map->capacity; i++)
		if (map->slots[i].die)
			*slot_of(&bigger, map->slots[i].die) = map->slots[i];
	bigger.count = map->count;
	free(map->slots);
	*map = bigger;
	return 0;
}

bool lp_diemap_get(const struct lp_diemap *map, const void *die, uint64_t *value)
{
	const struct lp_diemap_slot *slot = map->capacity ? slot_of(map, die) : NULL;

	if (!slot || !slot->die)
		return false;
	*value = slot->value;
	return true;
}

int lp_diemap_put(struct lp_diemap *map, const void *die, uint64_t value)
{
	struct lp_diemap_slot *slot;

	/* at most three quarters full */
	if (4 * (map->count + 1) > 3 * map->capacity && grow(map))
		return -ENOMEM;
	slot = slot_of(map, die);
	map->count += !slot->die;
	*slot = (struct lp_diemap_slot){ .die = die, .value = value };
	return 0;
}

void lp_diemap_free(struct lp_diemap *map)
{
	free(map->slots);
	*map = (struct lp_diemap){ 0 };
}
