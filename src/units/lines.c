/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "lines.h"

/* The memory for the way back grows with its square: 36 MB. */
#define MOST_DIFFERENCES 3000

int lp_lines_split(struct lp_lines *lines, const char *text, size_t size)
{
	const char *end = text + size;
	size_t count = 0;

	for (const char *at = text; at < end; count++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		at = newline ? newline + 1 : end;
	}
	lines->list = calloc(count + 1, sizeof(*lines->list));
	if (!lines->list)
		return -ENOMEM;
	lines->count = count;
	for (size_t i = 0; i < count; i++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t length = (size_t)((newline ? newline + 1 : end) - text);

		lines->list[i] = (struct lp_line){ text, length, XXH3_64bits(text, length) };
		text += length;
	}
	return 0;
}

void lp_lines_free(struct lp_lines *lines)
{
	free(lines->list);
	*lines = (struct lp_lines){ 0 };
}

static bool same(const struct lp_line *a, const struct lp_line *b)
{
	return a->hash == b->hash && a->size == b->size && !memcmp(a->text, b->text, a->size);
}

/* What is left between the common beginning and end. */
struct middle {
	const struct lp_line *a, *b;
	long a_count, b_count;
	long a_first; /* index of a[0] */
	long *map; /* of b */
};

/*
 * The furthest x on each diagonal k = x - y, in `now`, after `d` differences; `before` has them
 * after one less. Both are indexed from -d to d. True: the end was reached.
 */
static bool advance(const struct middle *middle, const long *before, long *now, long d)
{
	for (long k = -d; k <= d; k += 2) {
		long x, y;

		if (!d)
			x = 0;
		else if (k == -d || (k != d && before[k - 1] < before[k + 1]))
			x = before[k + 1];
		else
			x = before[k - 1] + 1;
		y = x - k;
		while (x < middle->a_count && y >= 0 && y < middle->b_count &&
		       same(&middle->a[x], &middle->b[y])) {
			x++;
			y++;
		}
		now[k] = x;
		if (x >= middle->a_count && y >= middle->b_count)
			return true;
	}
	return false;
}

/* From the end back: rows[d][k] is where diagonal k got with d differences. */
static void walk_back(const struct middle *middle, long **rows, long d)
{
	long x = middle->a_count, y = middle->b_count;

	for (; d > 0; d--) {
		const long *before = rows[d - 1] + (d - 1);
		long k = x - y, from_k, from_x, start;

		if (k == -d || (k != d && before[k - 1] < before[k + 1]))
			from_k = k + 1;
		else
			from_k = k - 1;
		from_x = before[from_k];
		start = from_k < k ? from_x + 1 : from_x;
		while (x > start)
			middle->map[--y] = middle->a_first + --x;
		x = from_x;
		y = from_x - from_k;
	}
	while (x > 0 && y > 0)
		middle->map[--y] = middle->a_first + --x;
}

static int match_middle(const struct middle *middle)
{
	long **rows = calloc(MOST_DIFFERENCES + 1, sizeof(*rows));
	long d = 0;
	int err = rows ? 0 : -ENOMEM;
	bool done = false;

	for (; !err && !done && d <= MOST_DIFFERENCES; d++) {
		rows[d] = calloc(2 * (size_t)d + 1, sizeof(**rows));
		if (!rows[d])
			err = -ENOMEM;
		else
			done = advance(middle, d ? rows[d - 1] + (d - 1) : NULL, rows[d] + d, d);
	}
	if (done)
		walk_back(middle, rows, d - 1);
	for (long i = 0; rows && i <= MOST_DIFFERENCES; i++)
		free(rows[i]);
	free(rows);
	return err;
}

int lp_lines_match(const struct lp_lines *a, const struct lp_lines *b, long **map)
{
	size_t least = a->count < b->count ? a->count : b->count, start = 0, end = 0;
	long *made = malloc((b->count + 1) * sizeof(*made));
	int err;

	if (!made)
		return -ENOMEM;
	while (start < least && same(&a->list[start], &b->list[start]))
		start++;
	while (end < least - start &&
	       same(&a->list[a->count - 1 - end], &b->list[b->count - 1 - end]))
		end++;
	for (size_t i = 0; i < b->count; i++)
		made[i] = i < start	      ? (long)i :
			  i >= b->count - end ? (long)(i + a->count) - (long)b->count :
						-1;
	err = match_middle(&(struct middle){ .a = a->list + start,
					     .b = b->list + start,
					     .a_count = (long)(a->count - start - end),
					     .b_count = (long)(b->count - start - end),
					     .a_first = (long)start,
					     .map = made + start });
	if (err)
		free(made);
	else
		*map = made;
	return err;
}
