/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <string.h>

#include "signature.h"

struct search {
	const char *name;
	Dwarf_Die die; /* found */
	unsigned int count;
};

static bool is_named(Dwarf_Die *die, const char *name)
{
	Dwarf_Attribute attr;
	const char *linkage = dwarf_formstring(
		dwarf_attr_integrate(die, DW_AT_linkage_name, &attr));
	const char *given = linkage ? linkage : dwarf_diename(die);

	return given && !strcmp(given, name);
}

/* Out-of-line copies refer to the function as it was written, which has all its parameters. */
static int visit(Dwarf_Die *die, void *context)
{
	struct search *search = context;
	Dwarf_Attribute attr;
	Dwarf_Die origin = *die;

	if (dwarf_hasattr(die, DW_AT_declaration) || !is_named(die, search->name))
		return DWARF_CB_OK;
	if (dwarf_attr(die, DW_AT_abstract_origin, &attr) && !dwarf_formref_die(&attr, &origin))
		return DWARF_CB_OK;
	if (search->count && dwarf_dieoffset(&search->die) == dwarf_dieoffset(&origin))
		return DWARF_CB_OK;
	search->die = origin;
	search->count++;
	return DWARF_CB_OK;
}

static int find_function(Dwfl *dwfl, struct search *search)
{
	Dwarf_Die *unit = NULL;
	Dwarf_Addr bias;

	while ((unit = dwfl_nextcu(dwfl, unit, &bias)))
		dwarf_getfuncs(unit, visit, search, 0);
	return search->count == 1 ? 0 : -ENOENT;
}

/* The type of a parameter or result: 0, -ENOENT (none: void), -ENOTSUP. */
static int type_of(Dwarf_Die *die, struct lp_elf_type *type)
{
	Dwarf_Attribute attr;
	Dwarf_Die type_die, peeled;

	if (!dwarf_attr_integrate(die, DW_AT_type, &attr))
		return -ENOENT;
	if (!dwarf_formref_die(&attr, &type_die))
		return -ENOTSUP;
	/* const void and the like end in nothing */
	if (dwarf_peel_type(&type_die, &peeled))
		return -ENOTSUP;
	return lp_elf_classify(&type_die, type);
}

struct registers {
	int integer;
	int sse;
};

static struct registers needed(const struct lp_elf_type *type)
{
	struct registers count = { 0 };

	for (int i = 0; i < 2; i++) {
		count.integer += type->classes[i] == LP_ELF_CLASS_INTEGER;
		count.sse += type->classes[i] == LP_ELF_CLASS_SSE;
	}
	return count;
}

static int add_result(Dwarf_Die *die, struct lp_elf_signature *signature, struct registers *left)
{
	struct lp_elf_type type;
	struct registers used;
	int err = type_of(die, &type);

	if (err)
		return err == -ENOENT ? 0 : err;
	if (type.x87 && type.size == 16)
		return 0; /* st0, or a struct of one long double: st0 as well */
	if (type.memory) {
		signature->results = LP_ELF_RESULT_RAX;
		left->integer--;
		return 0;
	}
	used = needed(&type);
	signature->results |= used.integer > 0 ? LP_ELF_RESULT_RAX : 0;
	signature->results |= used.integer > 1 ? LP_ELF_RESULT_RDX : 0;
	signature->results |= used.sse > 0 ? LP_ELF_RESULT_XMM0 : 0;
	signature->results |= used.sse > 1 ? LP_ELF_RESULT_XMM1 : 0;
	return 0;
}

static int add_parameter(Dwarf_Die *die, struct lp_elf_signature *signature, struct registers *left)
{
	struct lp_elf_type type;
	struct registers need;

	if (type_of(die, &type))
		return -ENOTSUP;
	need = needed(&type);
	if (!type.memory && need.integer <= left->integer && need.sse <= left->sse) {
		left->integer -= need.integer;
		left->sse -= need.sse;
		return 0;
	}
	if (type.size > UINT16_MAX)
		return -ENOTSUP;
	if (type.align == 16)
		signature->stack_bytes = (signature->stack_bytes + 15) & ~15u;
	signature->stack_bytes += ((uint32_t)type.size + 7) & ~7u;
	return 0;
}

static int read_signature(Dwarf_Die *die, struct lp_elf_signature *signature)
{
	struct registers left = { .integer = 6, .sse = 8 };
	Dwarf_Die child;
	int more, err = add_result(die, signature, &left);

	for (more = dwarf_child(die, &child); !more && !err;
	     more = dwarf_siblingof(&child, &child)) {
		if (dwarf_tag(&child) == DW_TAG_formal_parameter)
			err = add_parameter(&child, signature, &left);
		else if (dwarf_tag(&child) == DW_TAG_unspecified_parameters)
			signature->variadic = true;
	}
	return more < 0 ? -ENOTSUP : err;
}

int lp_elf_signature(const char *path, const char *function, struct lp_elf_signature *signature)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};
	struct search search = { .name = function };
	Dwfl *dwfl = dwfl_begin(&callbacks);
	int err = -ENOENT;

	*signature = (struct lp_elf_signature){ 0 };
	if (!dwfl)
		return -ENOMEM;
	if (dwfl_report_offline(dwfl, path, path, -1) && !dwfl_report_end(dwfl, NULL, NULL))
		err = find_function(dwfl, &search);
	err = err ? err : read_signature(&search.die, signature);
	dwfl_end(dwfl);
	return err;
}
