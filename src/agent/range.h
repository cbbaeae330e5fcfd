/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * range.h - busy ranges: addresses in which no frame of a task may be when it switches.
 *
 * Filled by the agent's thread, sorted once, then only read - also by the slow path and the
 * signal handler on any thread. Adjacent and overlapping ranges of one owner are not merged.
 */
#ifndef LP_AGENT_RANGE_H
#define LP_AGENT_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lp_function;

struct lp_range {
	uint64_t lo, hi; /* [lo, hi) */
	const struct lp_function *function; /* for reports, or NULL */
};

struct lp_ranges {
	struct lp_range *items; /* sorted by lo; hi_max makes overlaps safe */
	uint64_t *hi_max; /* largest hi of items[0..i] */
	size_t count, capacity;
	uint64_t lo, hi; /* bounds of all of them: most words fail here */
};

/* 0 or -ENOMEM */
int lp_ranges_add(struct lp_ranges *ranges, uint64_t lo, uint64_t hi,
		  const struct lp_function *function);
int lp_ranges_add_all(struct lp_ranges *ranges, const struct lp_ranges *others);
/* sorts; must be called after the last add and before the first find. 0 or -ENOMEM */
int lp_ranges_sort(struct lp_ranges *ranges);
void lp_ranges_deinit(struct lp_ranges *ranges);

/* A range that holds addr, or NULL. Async-signal-safe; inline so that the slow path calls nothing. */
static inline const struct lp_range *lp_ranges_find(const struct lp_ranges *ranges, uint64_t addr)
{
	size_t lo = 0, hi = ranges->count;

	if (addr < ranges->lo || addr >= ranges->hi)
		return NULL;
	while (lo < hi) { /* first item with items[].lo > addr */
		size_t mid = lo + (hi - lo) / 2;

		if (ranges->items[mid].lo <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo-- > 0 && ranges->hi_max[lo] > addr)
		if (ranges->items[lo].hi > addr)
			return &ranges->items[lo];
	return NULL;
}

/*
 * ... or, of a word of a stack, that may be a return address into one: a call that never returns
 * may be the last instruction, and then that is the first byte behind.
 */
static inline const struct lp_range *lp_ranges_find_return(const struct lp_ranges *ranges,
							   uint64_t word)
{
	const struct lp_range *range = lp_ranges_find(ranges, word);

	return range ? range : lp_ranges_find(ranges, word - 1);
}

#endif
