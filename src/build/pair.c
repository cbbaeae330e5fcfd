/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pair.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool lp_name_is_cold(const char *name)
{
	const char *dot = strstr(name, ".cold");

	if (!dot)
		return false;
	dot += strlen(".cold");
	if (*dot == '.')
		for (dot++; isdigit((unsigned char)*dot);)
			dot++;
	return !*dot;
}

uint32_t lp_half_function(const struct lp_half *half, uint32_t section)
{
	return half->function[section];
}

/* Asked for at each reference: found once. */
static int find_functions(struct lp_half *half)
{
	const struct lp_symbol *symbols = half->obj.symbols;

	half->function = calloc(half->obj.n_sections + 1u, sizeof(*half->function));
	if (!half->function)
		return -ENOMEM;
	for (uint32_t i = 1; i < half->obj.n_symbols; i++) {
		uint32_t section = symbols[i].section;

		if (symbols[i].type != STT_FUNC || section == SHN_UNDEF ||
		    section >= half->obj.n_sections)
			continue;
		if (!half->function[section] ||
		    symbols[i].value < symbols[half->function[section]].value)
			half->function[section] = i;
	}
	return 0;
}

uint32_t lp_half_find(const struct lp_half *half, const char *name)
{
	const struct lp_relobj *obj = &half->obj;

	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if ((obj->symbols[i].type == STT_FUNC || obj->symbols[i].type == STT_GNU_IFUNC) &&
		    obj->symbols[i].section != SHN_UNDEF && !strcmp(obj->symbols[i].name, name))
			return i;
	return 0;
}

const char *lp_half_name(const struct lp_half *half, uint32_t section)
{
	const struct lp_relobj *obj = &half->obj;

	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].section == section && obj->symbols[i].value == 0 &&
		    obj->symbols[i].type != STT_SECTION && *obj->symbols[i].name)
			return obj->symbols[i].name;
	return obj->sections[section].name;
}

bool lp_half_is_nameless(const struct lp_half *half, uint32_t section)
{
	const struct lp_section *pointers = &half->obj.sections[section];

	for (uint32_t i = 1; i < half->obj.n_symbols; i++)
		if (half->obj.symbols[i].section == section &&
		    half->obj.symbols[i].type != STT_SECTION)
			return false;
	for (size_t i = 0; i < pointers->n_relocs; i++)
		if (pointers->relocs[i].type != R_X86_64_64)
			return false;
	return pointers->size && pointers->size == pointers->n_relocs * sizeof(uint64_t);
}

static int half_open(struct lp_half *half, const char *path, const struct lp_report_to *report)
{
	struct lp_build_refusal refusal = { 0 };
	int err = lp_relobj_open(&half->obj, path, &refusal);

	half->path = path;
	if (err == -ECANCELED)
		return lp_report_refusal(report, refusal.reason, "%s", refusal.text);
	err = err ? err : lp_references_open(&half->references, &half->obj);
	err = err ? err : lp_lsdas_open(&half->lsdas, &half->references);
	err = err ? err : find_functions(half);
	half->twin = calloc(half->obj.n_sections + 1u, sizeof(*half->twin));
	return err ? err : half->twin ? 0 : -ENOMEM;
}

static void half_close(struct lp_half *half)
{
	lp_lsdas_close(&half->lsdas);
	lp_variables_free(half->variables, half->obj.n_sections);
	lp_references_close(&half->references);
	lp_relobj_close(&half->obj);
	free(half->function);
	free(half->twin);
	free(half->label);
	free(half->numbered);
}

int lp_pair_open(struct lp_pair *pair, const char *name, const char *original, const char *patched,
		 const struct lp_report_to *report)
{
	int err;

	*pair = (struct lp_pair){ .name = name };
	err = half_open(&pair->new, patched, report);
	err = err || !original ? err : half_open(&pair->old, original, report);
	if (err)
		return err;
	pair->changed = calloc(pair->new.obj.n_sections + 1u, sizeof(*pair->changed));
	pair->source_changed = calloc(pair->new.obj.n_sections + 1u, sizeof(*pair->changed));
	pair->ambiguous = calloc(pair->new.obj.n_sections + 1u, sizeof(*pair->changed));
	pair->rearranged = calloc(pair->new.obj.n_sections + 1u, sizeof(*pair->changed));
	if (!pair->changed || !pair->source_changed || !pair->ambiguous || !pair->rearranged)
		return -ENOMEM;
	err = lp_pair_correlate(pair);
	if (!err)
		lp_pair_differ(pair);
	return err;
}

void lp_pair_close(struct lp_pair *pair)
{
	half_close(&pair->old);
	half_close(&pair->new);
	free(pair->changed);
	free(pair->source_changed);
	free(pair->ambiguous);
	free(pair->rearranged);
}

bool lp_name_is_listed(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

void lp_pair_leave(struct lp_pair *pair, const char *const *leave)
{
	for (; leave && *leave; leave++) {
		uint32_t symbol = lp_half_find(&pair->new, *leave);

		if (symbol)
			pair->changed[pair->new.obj.symbols[symbol].section] = false;
	}
}

bool lp_pair_changes_code(const struct lp_pair *pair)
{
	for (uint32_t i = 1; i < pair->new.obj.n_sections; i++)
		if (pair->changed[i] && lp_section_is_code(&pair->new.obj.sections[i]) &&
		    pair->new.twin[i])
			return true;
	return false;
}
