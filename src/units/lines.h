/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lines.h - texts as lines, and which lines of two texts are the same.
 */
#ifndef LP_UNITS_LINES_H
#define LP_UNITS_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lp_line {
	const char *text; /* in the text that was split */
	size_t size; /* with its newline, if it has one */
	uint64_t hash;
};

struct lp_lines {
	struct lp_line *list;
	size_t count;
};

/* 0 or -ENOMEM. The text must stay. To be freed. */
int lp_lines_split(struct lp_lines *lines, const char *text, size_t size);
void lp_lines_free(struct lp_lines *lines);

/*
 * For each line of b the index of the line of a that it is, or -1: a longest common subsequence
 * (E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986). Texts that differ in some
 * thousands of lines: only their common beginning and end. 0 or -ENOMEM. *map: malloc'ed.
 */
int lp_lines_match(const struct lp_lines *a, const struct lp_lines *b, long **map);

#endif
