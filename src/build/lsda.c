/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lsda.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_frames(const struct lp_section *section)
{
	return !strcmp(section->name, ".eh_frame");
}

static bool is_table(const struct lp_section *section)
{
	return !strncmp(section->name, ".gcc_except_table", strlen(".gcc_except_table"));
}

/* An unwind table names the code of a function, and directly behind it its exception table. */
static void collect(struct lp_lsdas *lsdas, const struct lp_references *references, uint32_t frames)
{
	const struct lp_section *sections = references->obj->sections;

	for (size_t i = 0; i + 1 < sections[frames].n_relocs; i++) {
		const struct lp_reference *code = &references->of[frames][i], *table = code + 1;

		if (code->section && lp_section_is_code(&sections[code->section]) &&
		    table->section && is_table(&sections[table->section]) && table->offset >= 0 &&
		    (uint64_t)table->offset <= sections[table->section].size)
			lsdas->list[lsdas->count++] = (struct lp_lsda){
				.code = code->section,
				.start = code->offset,
				.table = table->section,
				.offset = (uint64_t)table->offset,
			};
	}
}

static int compare_table(const void *a, const void *b)
{
	const struct lp_lsda *x = a, *y = b;

	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int compare_code(const void *a, const void *b)
{
	const struct lp_lsda *x = a, *y = b;

	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	return x->start < y->start ? -1 : x->start > y->start;
}

/* Nothing says where a table ends: at the next one of its section, or with that. */
static void measure(struct lp_lsdas *lsdas, const struct lp_relobj *obj)
{
	qsort(lsdas->list, lsdas->count, sizeof(*lsdas->list), compare_table);
	for (size_t i = 0; i < lsdas->count; i++) {
		struct lp_lsda *one = &lsdas->list[i];
		bool last = i + 1 == lsdas->count || one[1].table != one->table;

		one->size = (last ? obj->sections[one->table].size : one[1].offset) - one->offset;
	}
}

int lp_lsdas_open(struct lp_lsdas *lsdas, const struct lp_references *references)
{
	const struct lp_relobj *obj = references->obj;
	size_t most = 1;

	for (uint32_t i = 1; i < obj->n_sections; i++)
		most += is_frames(&obj->sections[i]) ? obj->sections[i].n_relocs : 0;
	lsdas->list = calloc(most, sizeof(*lsdas->list));
	lsdas->count = 0;
	if (!lsdas->list)
		return -ENOMEM;
	for (uint32_t i = 1; i < obj->n_sections; i++)
		if (is_frames(&obj->sections[i]) && references->of[i])
			collect(lsdas, references, i);
	measure(lsdas, obj);
	qsort(lsdas->list, lsdas->count, sizeof(*lsdas->list), compare_code);
	return 0;
}

void lp_lsdas_close(struct lp_lsdas *lsdas)
{
	free(lsdas->list);
	lsdas->list = NULL;
}

const struct lp_lsda *lp_lsdas_of(const struct lp_lsdas *lsdas, uint32_t code, size_t *count)
{
	size_t low = 0, high = lsdas->count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (lsdas->list[middle].code < code)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < lsdas->count && lsdas->list[end].code == code;)
		end++;
	*count = end - low;
	return *count ? &lsdas->list[low] : NULL;
}

const struct lp_lsda *lp_lsdas_at(const struct lp_lsdas *lsdas, uint32_t code, uint64_t start)
{
	size_t count;
	const struct lp_lsda *first = lp_lsdas_of(lsdas, code, &count);

	for (size_t i = 0; i < count; i++)
		if (first[i].start == (int64_t)start)
			return &first[i];
	return NULL;
}
