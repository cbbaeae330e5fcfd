/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Symbols of .symtab (or the debug file's) and .dynsym in one list: those of one name and address
 * are one symbol.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

struct versions {
	Elf_Data *indices; /* .gnu.version */
	const char **names; /* by index */
	size_t count;
};

static int string_keep(struct lp_elf *elf, char *string)
{
	void *strings;

	if (!string)
		return -ENOMEM;
	strings = realloc(elf->strings, (elf->n_strings + 1) * sizeof(*elf->strings));
	if (!strings) {
		free(string);
		return -ENOMEM;
	}
	elf->strings = strings;
	elf->strings[elf->n_strings++] = string;
	return 0;
}

static void version_set(struct versions *versions, size_t index, const char *name)
{
	if (index < versions->count && name)
		versions->names[index] = name;
}

static void versions_defined(struct lp_elf_source *source, struct versions *versions)
{
	GElf_Shdr header;
	Elf_Scn *scn = lp_elf_source_section(source, SHT_GNU_verdef, NULL, &header);
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	GElf_Verdef def;
	GElf_Verdaux aux;
	int offset = 0;

	while (data && gelf_getverdef(data, offset, &def)) {
		/* index 1 is the file itself: symbols without a version */
		if (!(def.vd_flags & VER_FLG_BASE) &&
		    gelf_getverdaux(data, offset + (int)def.vd_aux, &aux))
			version_set(versions, def.vd_ndx & 0x7fff,
				    elf_strptr(source->elf, header.sh_link, aux.vda_name));
		if (!def.vd_next)
			break;
		offset += (int)def.vd_next;
	}
}

static void versions_needed(struct lp_elf_source *source, struct versions *versions)
{
	GElf_Shdr header;
	Elf_Scn *scn = lp_elf_source_section(source, SHT_GNU_verneed, NULL, &header);
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	GElf_Verneed need;
	GElf_Vernaux aux;
	int offset = 0;

	while (data && gelf_getverneed(data, offset, &need)) {
		int at = offset + (int)need.vn_aux;

		for (int i = 0; i < need.vn_cnt && gelf_getvernaux(data, at, &aux); i++) {
			version_set(versions, aux.vna_other & 0x7fff,
				    elf_strptr(source->elf, header.sh_link, aux.vna_name));
			at += (int)aux.vna_next;
		}
		if (!need.vn_next)
			break;
		offset += (int)need.vn_next;
	}
}

static int versions_load(struct lp_elf_source *source, struct versions *versions)
{
	GElf_Shdr header;
	Elf_Scn *scn = lp_elf_source_section(source, SHT_GNU_versym, NULL, &header);

	versions->indices = scn ? elf_getdata(scn, NULL) : NULL;
	versions->count = 0x8000;
	versions->names = calloc(versions->count, sizeof(*versions->names));
	if (!versions->names)
		return -ENOMEM;
	versions_defined(source, versions);
	versions_needed(source, versions);
	return 0;
}

static const char *version_of(const struct versions *versions, size_t i, bool *hidden)
{
	GElf_Versym index;

	if (!versions || !versions->indices || !gelf_getversym(versions->indices, (int)i, &index))
		return NULL;
	*hidden = index & 0x8000;
	return versions->names[index & 0x7fff];
}

/* .symtab writes versions into the name: NAME@@DEFAULT, NAME@OLD. */
static int name_split(struct lp_elf *elf, struct lp_elf_symbol *symbol)
{
	const char *at = strchr(symbol->name, '@');
	char *base;

	if (!at || at == symbol->name)
		return 0;
	base = strndup(symbol->name, (size_t)(at - symbol->name));
	symbol->name = base;
	symbol->default_version = at[1] == '@';
	symbol->version = at + 1 + symbol->default_version;
	return string_keep(elf, base);
}

static bool symbol_wanted(const GElf_Sym *sym, const char *name)
{
	uint8_t type = GELF_ST_TYPE(sym->st_info);

	if (!name || !*name || sym->st_shndx == SHN_ABS || sym->st_shndx == SHN_COMMON)
		return false;
	return type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE || type == STT_TLS ||
	       type == STT_GNU_IFUNC;
}

/* Behind those of the sources, GNU ld puts the global symbols that are local now: of a file "". */
static void scope_note(struct lp_elf_symbol *scope, const char *name)
{
	scope->of_source = name && *name;
	scope->made_local = !scope->of_source;
}

static int symbol_add(struct lp_elf *elf, const GElf_Sym *sym, const char *name,
		      const struct versions *versions, size_t i, uint32_t file,
		      const struct lp_elf_symbol *scope)
{
	struct lp_elf_symbol *symbol;
	bool hidden = false;

	if (sym->st_shndx == SHN_UNDEF) {
		if (versions)
			elf->imports[elf->n_imports++] = (struct lp_elf_import){
				name, version_of(versions, i, &hidden)
			};
		return 0;
	}
	symbol = &elf->symbols[elf->n_symbols];
	*symbol = (struct lp_elf_symbol){
		.name = name,
		.addr = sym->st_value,
		.size = sym->st_size,
		.type = GELF_ST_TYPE(sym->st_info),
		.binding = GELF_ST_BIND(sym->st_info),
		.visibility = GELF_ST_VISIBILITY(sym->st_other),
		.exported = versions != NULL,
		.version = version_of(versions, i, &hidden),
		.order = (uint32_t)elf->n_symbols,
		.file = GELF_ST_BIND(sym->st_info) == STB_LOCAL ? file : 0,
		.of_source = scope->of_source,
		.made_local = scope->made_local,
	};
	symbol->default_version = symbol->version && !hidden;
	elf->has_private |= symbol->binding == STB_LOCAL && symbol->type == STT_FUNC;
	elf->n_symbols++;
	return versions ? 0 : name_split(elf, symbol);
}

/* What stands behind an unnamed one are symbols that the linker has made local. */
static int file_add(struct lp_elf *elf, const GElf_Sym *sym, const char *name, uint32_t *file)
{
	const char **files;

	if (GELF_ST_TYPE(sym->st_info) != STT_FILE)
		return 0;
	*file = 0;
	if (!name || !*name)
		return 0;
	files = realloc(elf->files, (elf->n_files + 1) * sizeof(*files));
	if (!files)
		return -ENOMEM;
	elf->files = files;
	elf->files[elf->n_files++] = name;
	*file = elf->n_files;
	return 0;
}

static int table_load(struct lp_elf *elf, struct lp_elf_source *source, uint32_t type,
		      const struct versions *versions)
{
	GElf_Shdr header;
	Elf_Scn *scn = lp_elf_source_section(source, type, NULL, &header);
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	size_t count = data ? data->d_size / sizeof(Elf64_Sym) : 0;
	struct lp_elf_symbol scope = { 0 };
	uint32_t file = 0;
	void *symbols;
	int err = 0;

	if (!count)
		return 0;
	symbols = realloc(elf->symbols, (elf->n_symbols + count) * sizeof(*elf->symbols));
	if (!symbols)
		return -ENOMEM;
	elf->symbols = symbols;
	if (versions) {
		elf->imports = calloc(count, sizeof(*elf->imports));
		if (!elf->imports)
			return -ENOMEM;
	} else {
		elf->has_symtab = true;
	}
	for (size_t i = 1; i < count && !err; i++) {
		GElf_Sym sym;
		const char *name;

		if (!gelf_getsym(data, (int)i, &sym))
			return -EBADMSG;
		name = elf_strptr(source->elf, header.sh_link, sym.st_name);
		if (GELF_ST_TYPE(sym.st_info) == STT_FILE)
			scope_note(&scope, name);
		err = file_add(elf, &sym, name, &file);
		if (!err && symbol_wanted(&sym, name))
			err = symbol_add(elf, &sym, name, versions, i, file, &scope);
	}
	return err;
}

static int compare_names(const void *a, const void *b)
{
	const struct lp_elf_symbol *x = *(void *const *)a, *y = *(void *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

static int compare_addrs(const void *a, const void *b)
{
	const struct lp_elf_symbol *x = *(void *const *)a, *y = *(void *const *)b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Versions are part of what a name means only where both have one. */
static bool symbols_same(const struct lp_elf_symbol *a, const struct lp_elf_symbol *b)
{
	return a->addr == b->addr && (a->type == STT_TLS) == (b->type == STT_TLS) &&
	       !strcmp(a->name, b->name) &&
	       (!a->version || !b->version || !strcmp(a->version, b->version));
}

static void symbol_merge(struct lp_elf_symbol *into, const struct lp_elf_symbol *from)
{
	into->exported |= from->exported;
	into->default_version |= from->default_version;
	if (!into->version)
		into->version = from->version;
	if (!into->size)
		into->size = from->size;
}

static struct lp_elf_symbol *merge_find(const struct lp_elf *elf, size_t i)
{
	const struct lp_elf_symbol *symbol = elf->by_name[i];

	for (size_t j = i; j-- > 0 && !strcmp(elf->by_name[j]->name, symbol->name);) {
		const struct lp_elf_symbol *other = elf->by_name[j];

		if (other->order != UINT32_MAX && symbols_same(other, symbol))
			return &elf->symbols[other->order];
	}
	return NULL;
}

/* Marks the later one of two equal symbols with order UINT32_MAX, then drops the marked ones. */
static void symbols_deduplicate(struct lp_elf *elf)
{
	size_t kept = 0;

	for (size_t i = 1; i < elf->n_symbols; i++) {
		struct lp_elf_symbol *first = merge_find(elf, i);

		if (first) {
			symbol_merge(first, elf->by_name[i]);
			elf->symbols[elf->by_name[i]->order].order = UINT32_MAX;
		}
	}
	for (size_t i = 0; i < elf->n_symbols; i++)
		if (elf->symbols[i].order != UINT32_MAX)
			elf->symbols[kept++] = elf->symbols[i];
	elf->n_symbols = kept;
}

static void index_build(struct lp_elf *elf)
{
	elf->n_by_addr = 0;
	for (size_t i = 0; i < elf->n_symbols; i++) {
		elf->by_name[i] = &elf->symbols[i];
		if (elf->symbols[i].type != STT_TLS)
			elf->by_addr[elf->n_by_addr++] = &elf->symbols[i];
	}
	qsort(elf->by_name, elf->n_symbols, sizeof(*elf->by_name), compare_names);
	qsort(elf->by_addr, elf->n_by_addr, sizeof(*elf->by_addr), compare_addrs);
}

int lp_elf_symbols_load(struct lp_elf *elf)
{
	struct versions versions = { 0 };
	GElf_Shdr header;
	int err;

	if (lp_elf_source_section(elf->file, SHT_SYMTAB, NULL, &header))
		err = table_load(elf, elf->file, SHT_SYMTAB, NULL);
	else
		err = elf->debug ? table_load(elf, elf->debug, SHT_SYMTAB, NULL) : 0;
	err = err ? err : versions_load(elf->file, &versions);
	err = err ? err : table_load(elf, elf->file, SHT_DYNSYM, &versions);
	free(versions.names);
	if (err)
		return err;
	elf->by_name = calloc(elf->n_symbols + 1, sizeof(*elf->by_name));
	elf->by_addr = calloc(elf->n_symbols + 1, sizeof(*elf->by_addr));
	if (!elf->by_name || !elf->by_addr)
		return -ENOMEM;
	index_build(elf);
	symbols_deduplicate(elf);
	index_build(elf);
	return 0;
}

void lp_elf_symbols_free(struct lp_elf *elf)
{
	for (size_t i = 0; i < elf->n_strings; i++)
		free(elf->strings[i]);
	free(elf->strings);
	free(elf->imports);
	free(elf->files);
	free(elf->by_name);
	free(elf->by_addr);
	free(elf->symbols);
}
