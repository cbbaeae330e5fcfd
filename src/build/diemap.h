/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * diemap.h - what was found out about entries of debug information, by their addresses in the
 * mapped section: unlike offsets they are unique among the sections of types and of units.
 */
#ifndef LP_BUILD_DIEMAP_H
#define LP_BUILD_DIEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lp_diemap_slot {
	const void *die; /* NULL: free */
	uint64_t value;
};

/* Zeroed: empty. */
struct lp_diemap {
	struct lp_diemap_slot *slots;
	size_t count;
	size_t capacity; /* a power of two */
};

bool lp_diemap_get(const struct lp_diemap *map, const void *die, uint64_t *value);
/* Sets it, also anew. 0 or -ENOMEM. */
int lp_diemap_put(struct lp_diemap *map, const void *die, uint64_t value);
void lp_diemap_free(struct lp_diemap *map);

#endif
