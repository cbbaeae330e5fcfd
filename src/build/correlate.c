/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which section of the original object is which of the patched one. Names say it, except where the
 * compiler adds numbers that shift when another one is added: static variables of functions (count.0),
 * __func__.3, __compound_literal.7. Those are known by their declarations, and by the functions and
 * tables that use them. What is not certain is left open: a wrong guess gives code another variable.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "label.h"

static void assign(struct lp_pair *pair, uint32_t old, uint32_t new)
{
	pair->old.twin[old] = new;
	pair->new.twin[new] = old;
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

/* A variable that is known by its name, or one that has no section yet. */
static bool has_name(const struct lp_half *half, const struct lp_symbol *symbol)
{
	return symbol->section == SHN_COMMON || (lp_half_is_variable(half, symbol) &&
						 *half->obj.sections[symbol->section].name == '.');
}

/*
 * Sections by their names, but those of variables by all names that these have: the first may be
 * another one now, or a further name. Section 0: a common symbol.
 */
static struct named *list_named(const struct lp_half *half, size_t *count)
{
	const struct lp_relobj *obj = &half->obj;
	struct named *list = calloc(obj->n_sections + obj->n_symbols + 1u, sizeof(*list));
	bool *listed = calloc(obj->n_sections + 1u, sizeof(*listed));

	*count = 0;
	for (uint32_t i = 1; list && listed && i < obj->n_symbols; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];
		uint32_t section = symbol->section == SHN_COMMON ? 0 : symbol->section;

		if (!has_name(half, symbol))
			continue;
		listed[section] = true;
		if (!lp_label_is_numbered(symbol->name))
			list[(*count)++] = (struct named){ symbol->name, section };
	}
	for (uint32_t i = 1; list && listed && i < obj->n_sections; i++)
		if (lp_section_is_program(&obj->sections[i]) && !listed[i])
			list[(*count)++] = (struct named){ half->label[i], i };
	if (list && listed)
		qsort(list, *count, sizeof(*list), compare_named);
	else
		free(list);
	free(listed);
	return listed ? list : NULL;
}

/* A variable that has left its section for another one's is not where the program has it. */
static void match_named(struct lp_pair *pair, uint32_t old, uint32_t new)
{
	if (!new || (old && pair->new.twin[new] == old))
		return;
	if (old && !pair->old.twin[old] && !pair->new.twin[new])
		assign(pair, old, new);
	else
		pair->rearranged[new] = true;
}

/* Of several sections of one name the first is the first. */
static int by_name(struct lp_pair *pair)
{
	size_t n_old, n_new, i = 0, k = 0;
	struct named *old = list_named(&pair->old, &n_old), *new = list_named(&pair->new, &n_new);

	while (old && new &&i < n_old && k < n_new) {
		int order = strcmp(old[i].name, new[k].name);

		if (!order)
			match_named(pair, old[i].section, new[k].section);
		i += order <= 0;
		k += order >= 0;
	}
	free(old);
	free(new);
	return old && new ? 0 : -ENOMEM;
}

/* --- by declaration ------------------------------------------------------------------------- */

static bool same_base(const struct lp_half *a, uint32_t in_a, const struct lp_half *b,
		      uint32_t in_b)
{
	return lp_label_same_base(a->label[in_a], b->label[in_b]);
}

/* As far as names go: of one name, and in functions of one name if it is known in which. */
static bool same_name(const struct lp_half *a, uint32_t in_a, const struct lp_half *b,
		      uint32_t in_b)
{
	const char *x = a->variables[in_a].place, *y = b->variables[in_b].place;

	return same_base(a, in_a, b, in_b) && (x && y ? !strcmp(x, y) : !x && !y);
}

static int load_variables(struct lp_half *half)
{
	size_t count = 0;

	half->numbered = calloc(half->obj.n_sections + 1u, sizeof(*half->numbered));
	if (!half->numbered)
		return -ENOMEM;
	for (uint32_t i = 1; i < half->obj.n_sections; i++)
		if (lp_half_is_numbered(half, i))
			half->numbered[count++] = i;
	return lp_variables_load(&half->variables, half->obj.n_sections, count ? half->path : NULL);
}

/* How many have that name, and, unless line is 0, are declared there. *found becomes one of them. */
static size_t count_name(const struct lp_half *half, const struct lp_half *other, uint32_t like,
			 int line, uint32_t *found)
{
	size_t count = 0;

	for (const uint32_t *at = half->numbered; *at; at++) {
		if (!same_name(half, *at, other, like) ||
		    (line && half->variables[*at].line != line))
			continue;
		*found = *at;
		count++;
	}
	return count;
}

/*
 * Several of one name in one function: as lines that do not change keep their numbers, they are told
 * apart by those, if they are all in the same lines as before.
 */
static uint32_t find_by_line(const struct lp_pair *pair, uint32_t new)
{
	uint32_t old = 0, same;

	for (const uint32_t *at = pair->new.numbered; *at; at++) {
		int line = pair->new.variables[*at].line;

		if (!same_name(&pair->new, *at, &pair->new, new))
			continue;
		if (!line || count_name(&pair->new, &pair->new, new, line, &same) != 1 ||
		    count_name(&pair->old, &pair->new, new, line, &same) != 1)
			return 0;
		if (*at == new)
			old = same;
	}
	return old;
}

static void by_declaration(struct lp_pair *pair)
{
	for (const uint32_t *at = pair->new.numbered; *at; at++) {
		uint32_t old = 0, same;
		size_t count;

		if (pair->new.twin[*at] || !pair->new.variables[*at].place)
			continue;
		count = count_name(&pair->new, &pair->new, *at, 0, &same);
		if (count_name(&pair->old, &pair->new, *at, 0, &old) != count)
			continue;
		if (count > 1)
			old = find_by_line(pair, *at);
		if (old && !pair->old.twin[old])
			assign(pair, old, *at);
	}
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
		bool known = !to || !lp_half_is_numbered(half, to);

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
		count += lp_label_same_base(half->label[uses->list[i]], like);
	return count;
}

static uint32_t nth_of_base(const struct lp_half *half, const struct uses *uses, const char *like,
			    size_t n)
{
	for (size_t i = 0; i < uses->count; i++)
		if (lp_label_same_base(half->label[uses->list[i]], like) && !n--)
			return uses->list[i];
	return 0;
}

/*
 * The one that a user has in its place: one that does not change uses the same ones in the same order.
 * One that does tells only of what has no declaration, and if it uses one of that name, as before.
 */
static uint32_t find_by_use(const struct lp_pair *pair, const struct uses *old,
			    const struct uses *new, uint32_t section, bool unchanged)
{
	const char *like = pair->new.label[section];
	size_t count = count_base(&pair->new, new, like), n = 0;
	uint32_t found;

	if (count_base(&pair->old, old, like) != count || (!unchanged && count != 1))
		return 0;
	while (nth_of_base(&pair->new, new, like, n) != section)
		n++;
	found = nth_of_base(&pair->old, old, like, n);
	if (!unchanged && (pair->old.variables[found].place || pair->new.variables[section].place))
		return 0;
	return found;
}

/* Returns how many are known by that. */
static int match_uses(struct lp_pair *pair, const struct uses *old, const struct uses *new,
		      bool unchanged)
{
	int known = 0;

	for (size_t i = 0; i < new->count; i++) {
		uint32_t other;

		if (pair->new.twin[new->list[i]])
			continue;
		other = find_by_use(pair, old, new, new->list[i], unchanged);
		if (!other || pair->old.twin[other])
			continue;
		assign(pair, other, new->list[i]);
		known++;
	}
	return known;
}

static int by_one_user(struct lp_pair *pair, uint32_t user, bool unchanged)
{
	struct uses old = { 0 }, new = { 0 };
	int result = collect_uses(&pair->old, pair->new.twin[user], &old);

	result = result ? result : collect_uses(&pair->new, user, &new);
	result = result ? result : match_uses(pair, &old, &new, unchanged);
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
			bool unchanged;

			if (!pair->new.twin[i] || !pair->new.obj.sections[i].n_relocs)
				continue;
			unchanged = looks_unchanged(pair, i);
			if (unchanged_only && !unchanged)
				continue;
			result = by_one_user(pair, i, unchanged);
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

/* The only one of its name that has no twin yet; 0: none, or several. */
static uint32_t only_left(const struct lp_half *half, const struct lp_half *other, uint32_t like)
{
	uint32_t found = 0;

	for (const uint32_t *at = half->numbered; *at; at++) {
		if (half->twin[*at] || !same_name(half, *at, other, like))
			continue;
		if (found)
			return 0;
		found = *at;
	}
	return found;
}

/* Also without a number: clang divides a structure of the file, or does so no longer. */
static bool any_left(const struct lp_half *half, const char *like)
{
	for (uint32_t i = 1; i < half->obj.n_sections; i++)
		if (!half->twin[i] && lp_section_is_data(&half->obj.sections[i]) &&
		    lp_label_same_base(half->label[i], like))
			return true;
	return false;
}

static bool refers_to(const struct lp_half *half, uint32_t from, uint32_t to)
{
	for (size_t i = 0; i < half->obj.sections[from].n_relocs; i++)
		if (half->references.of[from] && half->references.of[from][i].section == to)
			return true;
	return false;
}

/* Whether the same function uses both. A clone counts as its function: work.part.0 */
static bool same_user(const struct lp_pair *pair, uint32_t old, uint32_t new)
{
	for (uint32_t i = 1; i < pair->new.obj.n_sections; i++) {
		const char *name = lp_half_name(&pair->new, i);
		size_t length = strcspn(name + 1, ".") + 1;

		if (!lp_section_is_program(&pair->new.obj.sections[i]) ||
		    !refers_to(&pair->new, i, new))
			continue;
		for (uint32_t k = 1; k < pair->old.obj.n_sections; k++) {
			const char *other = lp_half_name(&pair->old, k);

			if (lp_section_is_program(&pair->old.obj.sections[k]) &&
			    refers_to(&pair->old, k, old) &&
			    strcspn(other + 1, ".") + 1 == length && !strncmp(other, name, length))
				return true;
		}
	}
	return false;
}

/*
 * The last of its name on both sides, if it is the same function's. A variable that could be any of
 * several is not guessed at.
 */
static void by_elimination(struct lp_pair *pair)
{
	for (const uint32_t *at = pair->new.numbered; *at; at++) {
		uint32_t old;

		if (pair->new.twin[*at])
			continue;
		old = only_left(&pair->old, &pair->new, *at);
		if (old && only_left(&pair->new, &pair->new, *at) == *at &&
		    pair->old.obj.sections[old].size == pair->new.obj.sections[*at].size &&
		    (pair->new.variables[*at].place || same_user(pair, old, *at)))
			assign(pair, old, *at);
	}
}

static void note_ambiguous(struct lp_pair *pair)
{
	for (uint32_t i = 1; i < pair->new.obj.n_sections; i++)
		if (!pair->new.twin[i] && lp_section_is_data(&pair->new.obj.sections[i]))
			pair->ambiguous[i] = any_left(&pair->old, pair->new.label[i]);
}

int lp_pair_correlate(struct lp_pair *pair)
{
	int err;

	if (!pair->old.obj.n_sections)
		return 0;
	err = lp_half_label(&pair->old);
	err = err ? err : lp_half_label(&pair->new);
	err = err ? err : load_variables(&pair->old);
	err = err ? err : load_variables(&pair->new);
	err = err ? err : by_name(pair);
	if (!err)
		by_declaration(pair);
	err = err ? err : by_use(pair);
	if (!err) {
		by_elimination(pair);
		note_ambiguous(pair);
	}
	return err ? err : lp_pair_arrange(pair);
}
