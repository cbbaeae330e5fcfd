/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which section of the original object is which of the patched one. Names say it, except where the
 * compiler adds numbers that shift when another one is added: static variables of functions (count.0),
 * __func__.3, __compound_literal.7. Those are known by the functions and tables that use them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pair.h"

static void assign(struct lp_pair *pair, uint32_t old, uint32_t new)
{
	pair->old.twin[old] = new;
	pair->new.twin[new] = old;
}

/* Length of a name without the number that the compiler has put at its end. */
static size_t base_length(const char *name)
{
	size_t length = strlen(name), end = length;

	while (end && isdigit((unsigned char)name[end - 1]))
		end--;
	return end > 1 && end < length && name[end - 1] == '.' ? end - 1 : length;
}

static bool is_data(const struct lp_section *section)
{
	return lp_section_is_program(section) && !lp_section_is_code(section) &&
	       !lp_section_is_merged(section);
}

/*
 * What a section is known by: data by its variable, since another initial value may put it into
 * another kind of section (.bss.x, .data.x).
 */
static int label_half(struct lp_half *half)
{
	const struct lp_relobj *obj = &half->obj;

	half->label = calloc(obj->n_sections + 1u, sizeof(*half->label));
	if (!half->label)
		return -ENOMEM;
	for (uint32_t i = 1; i < obj->n_sections; i++)
		half->label[i] = obj->sections[i].name;
	for (uint32_t i = 1; i < obj->n_symbols; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];

		if ((symbol->type == STT_OBJECT || symbol->type == STT_TLS) &&
		    symbol->section != SHN_UNDEF && symbol->section < obj->n_sections &&
		    !symbol->value && is_data(&obj->sections[symbol->section]) &&
		    *obj->sections[symbol->section].name == '.')
			half->label[symbol->section] = symbol->name;
	}
	return 0;
}

static bool same_base(const char *a, const char *b)
{
	size_t length = base_length(a);

	return length == base_length(b) && !strncmp(a, b, length);
}

/*
 * Static variables of functions: count.0, count.1 of GCC, work.count, work.count.1 of clang. Names
 * of variables of the file have no dot.
 */
static bool is_numbered(const struct lp_half *half, uint32_t section)
{
	const char *label = half->label[section];

	return is_data(&half->obj.sections[section]) && *label != '.' && strchr(label, '.');
}

/* --- by name -------------------------------------------------------------------------------- */

struct named {
	const char *name;
	uint32_t section;
};

static int compare_named(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->section < y->section ? -1 : x->section > y->section;
}

static struct named *list_named(const struct lp_half *half, size_t *count)
{
	struct named *list = calloc(half->obj.n_sections + 1u, sizeof(*list));

	*count = 0;
	for (uint32_t i = 1; list && i < half->obj.n_sections; i++)
		if (lp_section_is_program(&half->obj.sections[i]) && !is_numbered(half, i))
			list[(*count)++] = (struct named){ half->label[i], i };
	if (list)
		qsort(list, *count, sizeof(*list), compare_named);
	return list;
}

/* Of several sections of one name the first is the first. */
static int by_name(struct lp_pair *pair)
{
	size_t n_old, n_new, i = 0, k = 0;
	struct named *old = list_named(&pair->old, &n_old), *new = list_named(&pair->new, &n_new);

	while (old && new &&i < n_old && k < n_new) {
		int order = strcmp(old[i].name, new[k].name);

		if (!order)
			assign(pair, old[i].section, new[k].section);
		i += order <= 0;
		k += order >= 0;
	}
	free(old);
	free(new);
	return old && new ? 0 : -ENOMEM;
}

/* --- by use --------------------------------------------------------------------------------- */

struct uses {
	uint32_t *list; /* numbered sections in the order of their first use */
	size_t count;
};

static int collect_uses(const struct lp_half *half, uint32_t user, struct uses *uses)
{
	const struct lp_section *section = &half->obj.sections[user];

	uses->list = calloc(section->n_relocs + 1, sizeof(*uses->list));
	uses->count = 0;
	for (size_t i = 0; uses->list && i < section->n_relocs; i++) {
		uint32_t to = half->references.of[user][i].section;
		bool known = !to || !is_numbered(half, to);

		for (size_t k = 0; k < uses->count && !known; k++)
			known = uses->list[k] == to;
		if (!known)
			uses->list[uses->count++] = to;
	}
	return uses->list ? 0 : -ENOMEM;
}

static size_t count_base(const struct lp_half *half, const struct uses *uses, const char *like)
{
	size_t count = 0;

	for (size_t i = 0; i < uses->count; i++)
		count += same_base(half->label[uses->list[i]], like);
	return count;
}

static uint32_t nth_of_base(const struct lp_half *half, const struct uses *uses, const char *like,
			    size_t n)
{
	for (size_t i = 0; i < uses->count; i++)
		if (same_base(half->label[uses->list[i]], like) && !n--)
			return uses->list[i];
	return 0;
}

/*
 * A function, or a table of literals, that uses as many variables of a name as before uses the same
 * ones in the same order. Returns how many are known by that.
 */
static int match_uses(struct lp_pair *pair, const struct uses *old, const struct uses *new)
{
	int known = 0;

	for (size_t i = 0; i < new->count; i++) {
		const char *like = pair->new.label[new->list[i]];
		size_t n = 0;
		uint32_t other;

		if (pair->new.twin[new->list[i]] ||
		    count_base(&pair->old, old, like) != count_base(&pair->new, new, like))
			continue;
		while (nth_of_base(&pair->new, new, like, n) != new->list[i])
			n++;
		other = nth_of_base(&pair->old, old, like, n);
		if (pair->old.twin[other])
			continue;
		assign(pair, other, new->list[i]);
		known++;
	}
	return known;
}

static int by_one_user(struct lp_pair *pair, uint32_t user)
{
	struct uses old = { 0 }, new = { 0 };
	int result = collect_uses(&pair->old, pair->new.twin[user], &old);

	result = result ? result : collect_uses(&pair->new, user, &new);
	result = result ? result : match_uses(pair, &old, &new);
	free(old.list);
	free(new.list);
	return result;
}

/* What a user says that does not change itself is certain. */
static bool looks_unchanged(const struct lp_pair *pair, uint32_t new)
{
	const struct lp_section *a = &pair->old.obj.sections[pair->new.twin[new]];
	const struct lp_section *b = &pair->new.obj.sections[new];

	return a->size == b->size && a->n_relocs == b->n_relocs && a->bytes && b->bytes &&
	       !memcmp(a->bytes, b->bytes, a->size);
}

/* Again while there is more to be known: literals refer to literals. */
static int by_users(struct lp_pair *pair, bool unchanged_only)
{
	int result, known;

	do {
		known = 0;
		for (uint32_t i = 1; i < pair->new.obj.n_sections; i++) {
			if (!pair->new.twin[i] || !pair->new.obj.sections[i].n_relocs ||
			    (unchanged_only && !looks_unchanged(pair, i)))
				continue;
			result = by_one_user(pair, i);
			if (result < 0)
				return result;
			known += result;
		}
	} while (known);
	return 0;
}

static int by_use(struct lp_pair *pair)
{
	int err = by_users(pair, true);

	return err ? err : by_users(pair, false);
}

/* --- what is left --------------------------------------------------------------------------- */

/* The only one of its base that has no twin yet; 0: none, or several. */
static uint32_t only_left(const struct lp_half *half, const char *like)
{
	uint32_t found = 0;

	for (uint32_t i = 1; i < half->obj.n_sections; i++) {
		if (half->twin[i] || !is_numbered(half, i) || !same_base(half->label[i], like))
			continue;
		if (found)
			return 0;
		found = i;
	}
	return found;
}

static bool any_left(const struct lp_half *half, const char *like)
{
	for (uint32_t i = 1; i < half->obj.n_sections; i++)
		if (!half->twin[i] && is_numbered(half, i) && same_base(half->label[i], like))
			return true;
	return false;
}

/* The last of its base on both sides. A variable that could be any of several is not guessed at. */
static void by_elimination(struct lp_pair *pair)
{
	for (uint32_t i = 1; i < pair->new.obj.n_sections; i++) {
		const char *label = pair->new.label[i];
		uint32_t old;

		if (pair->new.twin[i] || !is_numbered(&pair->new, i))
			continue;
		old = only_left(&pair->old, label);
		if (old && only_left(&pair->new, label) == i &&
		    pair->old.obj.sections[old].size == pair->new.obj.sections[i].size)
			assign(pair, old, i);
		else
			pair->ambiguous[i] = any_left(&pair->old, label);
	}
}

int lp_pair_correlate(struct lp_pair *pair)
{
	int err;

	if (!pair->old.obj.n_sections)
		return 0;
	err = label_half(&pair->old);
	err = err ? err : label_half(&pair->new);
	err = err ? err : by_name(pair);
	err = err ? err : by_use(pair);
	if (!err)
		by_elimination(pair);
	return err;
}
