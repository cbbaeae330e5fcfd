/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

size_t lp_elf_name_index(const struct lp_elf *elf, const char *name)
{
	size_t low = 0, high = elf->n_symbols;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(elf->by_name[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool version_matches(const struct lp_elf_symbol *symbol, const char *version)
{
	return !version || (symbol->version && !strcmp(symbol->version, version));
}

/* Several symbols, no position given: of versions of one symbol the default one is meant. */
static int find_default(const struct lp_elf *elf, size_t i, const char *name,
			const struct lp_elf_symbol **symbol)
{
	const struct lp_elf_symbol *found = NULL;

	for (; i < elf->n_symbols && !strcmp(elf->by_name[i]->name, name); i++) {
		const struct lp_elf_symbol *candidate = elf->by_name[i];

		if (!candidate->version)
			return -ENOTUNIQ;
		if (!candidate->default_version)
			continue;
		if (found)
			return -ENOTUNIQ;
		found = candidate;
	}
	if (!found)
		return -ENOTUNIQ;
	*symbol = found;
	return 0;
}

static int find_base(const struct lp_elf *elf, const char *name, const char *version,
		     unsigned long sympos, const struct lp_elf_symbol **symbol)
{
	size_t first = lp_elf_name_index(elf, name);
	const struct lp_elf_symbol *found = NULL;
	unsigned long count = 0;

	for (size_t i = first; i < elf->n_symbols && !strcmp(elf->by_name[i]->name, name); i++) {
		if (!version_matches(elf->by_name[i], version))
			continue;
		count++;
		if (!found || count == sympos)
			found = elf->by_name[i];
	}
	if (!count || count < sympos)
		return -ENOENT;
	if (!sympos && count > 1)
		return version ? -ENOTUNIQ : find_default(elf, first, name, symbol);
	*symbol = found;
	return 0;
}

int lp_elf_find(const struct lp_elf *elf, const char *name, unsigned long sympos,
		const struct lp_elf_symbol **symbol)
{
	const char *at = strchr(name, '@');
	char *base;
	int err;

	if (!at)
		return find_base(elf, name, NULL, sympos, symbol);
	base = strndup(name, (size_t)(at - name));
	if (!base)
		return -ENOMEM;
	err = find_base(elf, base, at + 1 + (at[1] == '@'), sympos, symbol);
	free(base);
	return err;
}

unsigned long lp_elf_position(const struct lp_elf *elf, const struct lp_elf_symbol *symbol)
{
	size_t i = lp_elf_name_index(elf, symbol->name);
	const struct lp_elf_symbol *found;
	unsigned long position = 0;

	if (!lp_elf_find(elf, symbol->name, 0, &found) && found == symbol)
		return 0;
	while (i < elf->n_symbols && !strcmp(elf->by_name[i]->name, symbol->name)) {
		position++;
		if (elf->by_name[i++] == symbol)
			return position;
	}
	return 0;
}

const struct lp_elf_symbol *const *lp_elf_symbols_at(const struct lp_elf *elf, uint64_t addr,
						     size_t *count)
{
	size_t low = 0, high = elf->n_by_addr, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (elf->by_addr[middle]->addr < addr)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < elf->n_by_addr && elf->by_addr[end]->addr == addr;)
		end++;
	*count = end - low;
	return elf->by_addr + low;
}

bool lp_elf_imports(const struct lp_elf *elf, const char *name)
{
	for (size_t i = 0; i < elf->n_imports; i++)
		if (!strcmp(elf->imports[i].name, name))
			return true;
	return false;
}

const char *lp_elf_import_version(const struct lp_elf *elf, const char *name)
{
	for (size_t i = 0; i < elf->n_imports; i++)
		if (!strcmp(elf->imports[i].name, name))
			return elf->imports[i].version;
	return NULL;
}
