// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the functions of a .lp would overwrite must not overlap. */
#include <string.h>

#include "alloc.h"
#include "patch_check.h"

#define JMP8_SIZE 2
#define JMP32_SIZE 5

/* A function with what its jump overwrites behind it, or the padding of an entry. */
struct span {
	uint64_t addr, end;
	const struct lp_file_function *function;
};

typedef int (*compare_fn)(const struct lp_patch_file *file, const struct span *a,
			  const struct span *b);

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_addrs(const struct lp_patch_file *file, const struct span *a,
			 const struct span *b)
{
	int order = compare_numbers(a->function->object, b->function->object);

	(void)file;
	return order ? order : compare_numbers(a->addr, b->addr);
}

/* sympos 0 and 1 are alike */
static uint32_t position(const struct lp_file_function *function)
{
	return function->sympos ? function->sympos : 1;
}

static int compare_names(const struct lp_patch_file *file, const struct span *a,
			 const struct span *b)
{
	const struct lp_file_function *fa = a->function, *fb = b->function;
	int order = compare_numbers(fa->object, fb->object);

	if (!order)
		order = strcmp(file->strings + fa->name, file->strings + fb->name);
	return order ? order : compare_numbers(position(fa), position(fb));
}

static void sift(const struct lp_patch_file *file, struct span *spans, size_t root, size_t count,
		 compare_fn compare)
{
	for (;;) {
		size_t child = 2 * root + 1;
		struct span swap = spans[root];

		if (child >= count)
			return;
		if (child + 1 < count && compare(file, &spans[child], &spans[child + 1]) < 0)
			child++;
		if (compare(file, &swap, &spans[child]) >= 0)
			return;
		spans[root] = spans[child];
		spans[child] = swap;
		root = child;
	}
}

/* Heap sort: no recursion, no memory, no bad case that a file could bring about. */
static void sort(const struct lp_patch_file *file, struct span *spans, size_t count,
		 compare_fn compare)
{
	for (size_t i = count / 2; i-- > 0;)
		sift(file, spans, i, count, compare);
	for (size_t end = count; end-- > 1;) {
		struct span swap = spans[0];

		spans[0] = spans[end];
		spans[end] = swap;
		sift(file, spans, 0, end, compare);
	}
}

static size_t add_spans(struct span *spans, size_t count, const struct lp_file_function *function)
{
	bool pad = function->entry_kind == LP_ENTRY_PAD;
	uint64_t end = function->old_addr + function->old_size;
	uint64_t jump_end = function->old_addr + function->jump_offset +
			    (pad ? JMP8_SIZE : JMP32_SIZE);

	spans[count++] = (struct span){ function->old_addr, jump_end > end ? jump_end : end,
					function };
	if (pad)
		spans[count++] = (struct span){ function->pad_addr,
						function->pad_addr + function->pad_size, function };
	return count;
}

static const char *check_spans(const struct lp_patch_file *file, struct span *spans)
{
	uint32_t n_functions = file->info->functions.count;
	size_t count = 0;

	for (uint32_t i = 0; i < n_functions; i++)
		count = add_spans(spans, count, &file->functions[i]);
	sort(file, spans, count, compare_addrs);
	for (size_t i = 1; i < count; i++)
		if (spans[i].function->object == spans[i - 1].function->object &&
		    spans[i].addr < spans[i - 1].end)
			return "the functions, or the padding of their entries, overlap";
	for (uint32_t i = 0; i < n_functions; i++)
		spans[i].function = &file->functions[i];
	sort(file, spans, n_functions, compare_names);
	for (size_t i = 1; i < n_functions; i++)
		if (!compare_names(file, &spans[i - 1], &spans[i]))
			return "a function is named twice";
	return NULL;
}

const char *lp_overlap_check(const struct lp_patch_file *file)
{
	struct span *spans = lp_alloc(2 * file->info->functions.count * sizeof(*spans));
	const char *why;

	if (!spans)
		return "there is no memory to check the functions";
	why = check_spans(file, spans);
	lp_free(spans);
	return why;
}
