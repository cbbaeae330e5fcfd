/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "range.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"

static int grow(struct lp_ranges *ranges)
{
	size_t capacity = ranges->capacity ? ranges->capacity * 2 : 16;
	struct lp_range *items = lp_alloc(capacity * sizeof(*items));

	if (!items)
		return -ENOMEM;
	if (ranges->count)
		memcpy(items, ranges->items, ranges->count * sizeof(*items));
	lp_free(ranges->items);
	ranges->items = items;
	ranges->capacity = capacity;
	return 0;
}

int lp_ranges_add(struct lp_ranges *ranges, uint64_t lo, uint64_t hi,
		  const struct lp_function *function)
{
	if (lo >= hi)
		return 0;
	if (ranges->count == ranges->capacity && grow(ranges) < 0)
		return -ENOMEM;
	ranges->items[ranges->count++] = (struct lp_range){ lo, hi, function };
	return 0;
}

int lp_ranges_add_all(struct lp_ranges *ranges, const struct lp_ranges *others)
{
	int r = 0;

	for (size_t i = 0; i < others->count && r == 0; i++)
		r = lp_ranges_add(ranges, others->items[i].lo, others->items[i].hi,
				  others->items[i].function);
	return r;
}

/* heap sort: no recursion, no memory */
static void sift(struct lp_range *items, size_t root, size_t count)
{
	for (size_t child; (child = 2 * root + 1) < count; root = child) {
		struct lp_range held = items[root];

		if (child + 1 < count && items[child].lo < items[child + 1].lo)
			child++;
		if (held.lo >= items[child].lo)
			return;
		items[root] = items[child];
		items[child] = held;
	}
}

static void sort(struct lp_range *items, size_t count)
{
	for (size_t i = count / 2; i-- > 0;)
		sift(items, i, count);
	for (size_t end = count; end-- > 1;) {
		struct lp_range held = items[0];

		items[0] = items[end];
		items[end] = held;
		sift(items, 0, end);
	}
}

int lp_ranges_sort(struct lp_ranges *ranges)
{
	uint64_t max = 0;

	lp_free(ranges->hi_max);
	ranges->hi_max = lp_alloc((ranges->count + 1) * sizeof(*ranges->hi_max));
	if (!ranges->hi_max)
		return -ENOMEM;
	sort(ranges->items, ranges->count);
	for (size_t i = 0; i < ranges->count; i++) {
		if (ranges->items[i].hi > max)
			max = ranges->items[i].hi;
		ranges->hi_max[i] = max;
	}
	ranges->lo = ranges->count ? ranges->items[0].lo : 0;
	ranges->hi = max;
	return 0;
}

void lp_ranges_deinit(struct lp_ranges *ranges)
{
	lp_free(ranges->items);
	lp_free(ranges->hi_max);
	memset(ranges, 0, sizeof(*ranges));
}
