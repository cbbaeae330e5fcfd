/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "naming.h"

#include <string.h>

static const char *source_of(const struct lp_relobj *obj)
{
	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].type == STT_FILE && *obj->symbols[i].name)
			return obj->symbols[i].name;
	return NULL;
}

static bool is_source(const struct lp_naming *naming, uint32_t file)
{
	if (naming->file)
		return file == naming->file;
	return file && !strcmp(naming->elf->files[file - 1], naming->source);
}

/* In which of them it is, if it is in one. */
static void find_source(struct lp_naming *naming, const char *source)
{
	uint32_t count = 0, file = 0;

	for (uint32_t i = 0; source && i < naming->elf->n_files; i++)
		if (!strcmp(naming->elf->files[i], source)) {
			count++;
			file = i + 1;
		}
	naming->source = count ? source : NULL;
	naming->file = count == 1 ? file : 0;
}

static bool is_private(const struct lp_elf_symbol *symbol)
{
	return symbol->binding == STB_LOCAL &&
	       (symbol->type == STT_FUNC || symbol->type == STT_OBJECT || symbol->type == STT_TLS);
}

/* What strip -x, or ld -x, leaves has the names of sources, and of global symbols. */
static bool has_private_names(const struct lp_naming *naming)
{
	const struct lp_elf *elf = naming->elf;

	for (size_t i = 0; i < elf->n_symbols; i++)
		if (is_private(&elf->symbols[i]) &&
		    (!elf->n_files || (naming->source && is_source(naming, elf->symbols[i].file))))
			return true;
	return false;
}

void lp_naming_init(struct lp_naming *naming, const struct lp_relobj *obj, const struct lp_elf *elf)
{
	*naming = (struct lp_naming){ .elf = elf };
	find_source(naming, source_of(obj));
	naming->known = has_private_names(naming);
}

void lp_naming_learn(struct lp_naming *naming, const struct lp_symbol *symbol, uint64_t addr)
{
	size_t count;
	const struct lp_elf_symbol *const *at = lp_elf_symbols_at(naming->elf, addr, &count);

	for (size_t i = 0; i < count && naming->source && !naming->file; i++)
		if (symbol->binding == STB_LOCAL && is_private(at[i]) &&
		    !strcmp(at[i]->name, symbol->name) && is_source(naming, at[i]->file))
			naming->file = at[i]->file;
}

/*
 * Without the names of sources in the table a local symbol may be anybody's. What the linker, or objcopy,
 * has made local was global in its source, and need not stand behind that.
 */
bool lp_naming_allows(const struct lp_naming *naming, const struct lp_symbol *symbol,
		      const struct lp_elf_symbol *other)
{
	if (symbol->binding != STB_LOCAL)
		return true;
	return other->binding == STB_LOCAL && (!naming->source || is_source(naming, other->file));
}

bool lp_naming_proves(const struct lp_naming *naming, const struct lp_symbol *symbol,
		      const struct lp_elf_symbol *other)
{
	if (other->binding != STB_LOCAL)
		return symbol->binding != STB_LOCAL;
	if (!naming->elf->n_files || (!other->file && symbol->binding != STB_LOCAL))
		return true;
	return naming->file && other->file == naming->file;
}

bool lp_naming_is_complete(const struct lp_naming *naming, const struct lp_symbol *symbol)
{
	/* what a library does not export has become local, and may have been stripped with those */
	return naming->known || (naming->elf->has_symtab && naming->elf->executable &&
				 symbol->binding != STB_LOCAL && symbol->visibility == STV_DEFAULT);
}
