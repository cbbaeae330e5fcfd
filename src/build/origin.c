/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "origin.h"

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "dietype.h"

static const char *text_of(Dwarf_Die *die, unsigned int attribute)
{
	Dwarf_Attribute found;
	const char *text = dwarf_formstring(dwarf_attr(die, attribute, &found));

	return text ? text : "";
}

struct loading {
	struct lp_origins *origins;
	Elf *elf;
};

/*
 * Whether there is code in all of that. Linkers leave the ranges of functions that they discard in the debug
 * information and put 0 or 1 where those begin: in a file that is mapped from 0 on, a large one reaches into
 * the code of others.
 */
static bool is_code(Elf *elf, uint64_t lo, uint64_t hi)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	while (lo > 1 && (scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, &header) && (header.sh_flags & SHF_EXECINSTR) &&
		    lo >= header.sh_addr && hi <= header.sh_addr + header.sh_size)
			return true;
	return false;
}

static int add_ranges(const struct loading *loading, Dwarf_Die *unit)
{
	struct lp_origins *origins = loading->origins;
	struct lp_origin_range *ranges;
	Dwarf_Addr base, lo, hi;
	ptrdiff_t at = 0;

	while ((at = dwarf_ranges(unit, at, &base, &lo, &hi)) > 0) {
		if (!is_code(loading->elf, lo, hi))
			continue;
		ranges = realloc(origins->ranges, (origins->n_ranges + 1) * sizeof(*ranges));
		if (!ranges)
			return -ENOMEM;
		origins->ranges = ranges;
		ranges[origins->n_ranges++] = (struct lp_origin_range){ lo, hi,
									origins->count - 1 };
	}
	return 0;
}

static int add(void *context, Dwarf_Die *unit)
{
	const struct loading *loading = context;
	struct lp_origins *origins = loading->origins;
	struct lp_origin *list = realloc(origins->list, (origins->count + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	origins->list = list;
	list[origins->count] = (struct lp_origin){
		.name = strdup(text_of(unit, DW_AT_name)),
		.directory = strdup(text_of(unit, DW_AT_comp_dir)),
	};
	origins->count++;
	if (!list[origins->count - 1].name || !list[origins->count - 1].directory)
		return -ENOMEM;
	return add_ranges(loading, unit);
}

int lp_origins_load(struct lp_origins *origins, const char *path)
{
	struct loading loading = { .origins = origins };
	struct lp_debug debug;
	int err;

	*origins = (struct lp_origins){ 0 };
	err = lp_debug_open(&debug, path);
	if (!err) {
		loading.elf = dwarf_getelf(debug.dwarf);
		err = lp_debug_units(&debug, add, &loading);
	}
	lp_debug_close(&debug);
	return err == -ENOMEM ? err : 0;
}

void lp_origins_free(struct lp_origins *origins)
{
	for (size_t i = 0; i < origins->count; i++) {
		free(origins->list[i].name);
		free(origins->list[i].directory);
	}
	free(origins->list);
	free(origins->ranges);
	*origins = (struct lp_origins){ 0 };
}

static const char *last(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Built in the same tree: the directories lie beside each other, or one in the other. */
static bool same_place(const char *a, const char *b)
{
	size_t length = (size_t)(last(a) - a);

	return *a && *b && (!strcmp(a, b) || (length > 1 && !strncmp(a, b, length)));
}

static bool is_same(const struct lp_origin *a, const struct lp_origin *b)
{
	return !strcmp(a->name, b->name) && !strcmp(a->directory, b->directory);
}

bool lp_origins_lack(const struct lp_origins *target, const struct lp_origins *object)
{
	const struct lp_origin *own = object->count == 1 ? object->list : NULL;
	bool near = false, other = false;

	for (size_t i = 0; own && i < target->count; i++) {
		const struct lp_origin *unit = &target->list[i];

		if (is_same(unit, own))
			return false;
		near |= same_place(own->directory, unit->directory);
		other |= !strcmp(last(unit->name), last(own->name));
	}
	return near && other;
}

const char *lp_origins_at(const struct lp_origins *target, uint64_t addr)
{
	for (size_t i = 0; i < target->n_ranges; i++) {
		const struct lp_origin_range *range = &target->ranges[i];
		const char *name = target->list[range->origin].name;

		/* <artificial>: of all sources that took part in link-time optimisation */
		if (addr >= range->lo && addr < range->hi)
			return *name && *name != '<' ? name : NULL;
	}
	return NULL;
}

bool lp_origins_other(const struct lp_origins *target, uint64_t addr, const char *source)
{
	const char *name = lp_origins_at(target, addr);

	return name && strcmp(last(name), last(source)) != 0;
}
