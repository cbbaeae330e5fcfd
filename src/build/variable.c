/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "variable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "dietype.h"

struct search {
	struct lp_variable *list;
	uint32_t n_sections;
	Dwfl_Module *module;
};

/* Sections have addresses of their own while an object is looked at; a variable is at its start. */
static uint32_t section_at(const struct search *search, Dwarf_Addr addr)
{
	int index = dwfl_module_relocate_address(search->module, &addr);
	GElf_Word section = 0;

	if (index < 0 || addr ||
	    !dwfl_module_relocation_info(search->module, (unsigned int)index, &section))
		return 0;
	return section < search->n_sections ? section : 0;
}

static int note(struct search *search, Dwarf_Die *die, const char *function, Dwarf_Addr addr,
		uint64_t piece)
{
	uint32_t section = section_at(search, addr);
	struct lp_variable *one = &search->list[section];

	if (!section || one->place)
		return 0;
	if (asprintf(&one->place, "%s+%llu", function, (unsigned long long)piece) < 0) {
		one->place = NULL;
		return -ENOMEM;
	}
	dwarf_decl_line(die, &one->line);
	return 0;
}

/* An operation that is an address, in the list of DWARF 5 too. */
static bool is_address(Dwarf_Attribute *location, const Dwarf_Op *op, Dwarf_Addr *addr)
{
	Dwarf_Attribute listed;

	switch (op->atom) {
	case DW_OP_addr:
		*addr = op->number;
		return true;
	case DW_OP_addrx:
	case DW_OP_GNU_addr_index:
		return !dwarf_getlocation_attr(location, op, &listed) &&
		       !dwarf_formaddr(&listed, addr);
	default:
		return false;
	}
}

/* An address, or pieces that have one each. Anything else is computed: no variable of its own. */
static int look_at(struct search *search, Dwarf_Die *die, const char *function)
{
	Dwarf_Attribute location;
	uint64_t piece = 0;
	Dwarf_Addr addr;
	Dwarf_Op *ops;
	size_t count;
	int err = 0;

	if (!dwarf_attr(die, DW_AT_location, &location) ||
	    dwarf_getlocation(&location, &ops, &count))
		return 0;
	for (size_t i = 0; i < count && !err; i++) {
		bool divided = i + 1 < count && ops[i + 1].atom == DW_OP_piece;

		if ((divided || count == 1) && is_address(&location, &ops[i], &addr))
			err = note(search, die, function, addr, piece);
		if (ops[i].atom == DW_OP_piece)
			piece += ops[i].number;
	}
	return err;
}

static int walk(struct search *search, Dwarf_Die *scope, const char *function, int depth)
{
	Dwarf_Die die;
	int err = 0;

	if (depth > LP_DIE_DEPTH_MAX || dwarf_child(scope, &die))
		return 0;
	do {
		const char *name = function;

		switch (dwarf_tag(&die)) {
		case DW_TAG_variable:
			err = look_at(search, &die, function);
			break;
		case DW_TAG_subprogram:
		case DW_TAG_inlined_subroutine:
			name = dwarf_diename(&die) ?: "";
			/* fall through */
		case DW_TAG_lexical_block:
		case DW_TAG_namespace:
		case DW_TAG_structure_type:
		case DW_TAG_class_type:
			err = walk(search, &die, name, depth + 1);
			break;
		default:
			break;
		}
	} while (!err && !dwarf_siblingof(&die, &die));
	return err;
}

static int look_through(void *context, Dwarf_Die *unit)
{
	return walk(context, unit, "", 0);
}

static int take_module(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr start,
		       void *context)
{
	struct search *search = context;

	(void)data;
	(void)name;
	(void)start;
	search->module = module;
	return DWARF_CB_ABORT;
}

int lp_variables_load(struct lp_variable **variables, uint32_t n_sections, const char *path)
{
	struct search search = { .n_sections = n_sections };
	struct lp_debug debug;
	int err;

	search.list = calloc(n_sections + 1u, sizeof(*search.list));
	if (!search.list)
		return -ENOMEM;
	err = path ? lp_debug_open(&debug, path) : -ENODATA;
	if (!err) {
		dwfl_getmodules(debug.dwfl, take_module, &search, 0);
		err = lp_debug_units(&debug, look_through, &search);
	}
	if (path)
		lp_debug_close(&debug);
	if (err == -ENOMEM)
		lp_variables_free(search.list, n_sections);
	else
		*variables = search.list;
	return err == -ENOMEM ? err : 0;
}

void lp_variables_free(struct lp_variable *variables, uint32_t n_sections)
{
	for (uint32_t i = 0; variables && i < n_sections; i++)
		free(variables[i].place);
	free(variables);
}
