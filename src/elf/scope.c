/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scope.h"

#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <string.h>

#include "source.h"

struct search {
	const struct lp_elf_symbol *symbol;
	enum lp_elf_scope found;
};

static bool is_named(Dwarf_Die *die, const char *name)
{
	Dwarf_Attribute attr;
	const char *linkage = dwarf_formstring(
		dwarf_attr_integrate(die, DW_AT_linkage_name, &attr));
	const char *given = linkage ? linkage : dwarf_diename(die);

	return given && !strcmp(given, name);
}

static void note(struct search *search, Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	bool external = false;

	if (dwarf_formflag(dwarf_attr_integrate(die, DW_AT_external, &attr), &external) < 0)
		external = false;
	search->found = external ? LP_ELF_SCOPE_OBJECT : LP_ELF_SCOPE_SOURCE;
}

static int visit_function(Dwarf_Die *die, void *context)
{
	struct search *search = context;
	Dwarf_Addr addr;

	if (dwarf_entrypc(die, &addr) || addr != search->symbol->addr ||
	    !is_named(die, search->symbol->name))
		return DWARF_CB_OK;
	note(search, die);
	return DWARF_CB_ABORT;
}

/* Thread-local ones are at an offset, which is a constant there. */
static bool is_at(Dwarf_Die *die, uint64_t addr)
{
	Dwarf_Attribute attr;
	Dwarf_Op *ops;
	size_t count;

	return dwarf_attr_integrate(die, DW_AT_location, &attr) &&
	       !dwarf_getlocation(&attr, &ops, &count) && count &&
	       (ops[0].atom == DW_OP_addr || ops[0].atom == DW_OP_const4u ||
		ops[0].atom == DW_OP_const8u) &&
	       ops[0].number == addr;
}

/* Those of the file and of its namespaces, which lie one in the other only so deep. */
static void search_variables(struct search *search, Dwarf_Die *scope, unsigned int depth)
{
	Dwarf_Die die;
	int more = dwarf_child(scope, &die);

	for (; !more && !search->found; more = dwarf_siblingof(&die, &die)) {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_variable && is_at(&die, search->symbol->addr) &&
		    is_named(&die, search->symbol->name))
			note(search, &die);
		else if (tag == DW_TAG_namespace && depth < 16)
			search_variables(search, &die, depth + 1);
	}
}

static void search_unit(struct search *search, Dwarf_Die *unit)
{
	switch (search->symbol->type) {
	case STT_OBJECT:
	case STT_TLS:
		search_variables(search, unit, 0);
		break;
	default:
		dwarf_getfuncs(unit, visit_function, search, 0);
	}
}

static void search_file(struct search *search, const struct lp_elf_source *source)
{
	Dwarf *dwarf = source ? dwarf_begin_elf(source->elf, DWARF_C_READ, NULL) : NULL;
	Dwarf_Die die, split;
	Dwarf_CU *unit = NULL;
	uint8_t type;

	while (dwarf && !search->found &&
	       !dwarf_get_units(dwarf, unit, &unit, NULL, &type, &die, &split)) {
		/* of a split unit the other half is what has the functions */
		if (type != DW_UT_skeleton)
			search_unit(search, &die);
		else if (dwarf_tag(&split) != DW_TAG_invalid)
			search_unit(search, &split);
	}
	dwarf_end(dwarf);
}

enum lp_elf_scope lp_elf_scope_of(const struct lp_elf *elf, const struct lp_elf_symbol *symbol)
{
	struct search search = { .symbol = symbol };

	if (symbol->binding != STB_LOCAL || symbol->visibility != STV_DEFAULT)
		return LP_ELF_SCOPE_OBJECT;
	search_file(&search, elf->file);
	if (!search.found)
		search_file(&search, elf->debug);
	if (search.found)
		return search.found;
	return symbol->made_local ? LP_ELF_SCOPE_OBJECT :
	       symbol->of_source  ? LP_ELF_SCOPE_SOURCE :
				    LP_ELF_SCOPE_UNKNOWN;
}
