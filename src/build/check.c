/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the agent can load, and what may outlive the patch: relocations one by one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "phase.h"

enum reloc_kind {
	RELOC_UNKNOWN,
	RELOC_ADDRESS, /* stores an address, absolute or relative */
	RELOC_GOT, /* loads an address */
	RELOC_TLS,
};

struct reloc_type {
	uint32_t type;
	const char *name;
	enum reloc_kind kind;
};

#define TYPE(name, kind)                                                                           \
	{                                                                                          \
		R_X86_64_##name, "R_X86_64_" #name, kind                                           \
	}

static const struct reloc_type reloc_types[] = {
	TYPE(64, RELOC_ADDRESS),
	TYPE(PC32, RELOC_ADDRESS),
	TYPE(PLT32, RELOC_ADDRESS),
	TYPE(PC64, RELOC_ADDRESS),
	TYPE(32, RELOC_ADDRESS),
	TYPE(32S, RELOC_ADDRESS),
	TYPE(GOTPCREL, RELOC_GOT),
	TYPE(GOTPCRELX, RELOC_GOT),
	TYPE(REX_GOTPCRELX, RELOC_GOT),
	TYPE(TLSGD, RELOC_TLS),
	TYPE(GOTTPOFF, RELOC_TLS),
	TYPE(TPOFF32, RELOC_TLS),
	TYPE(TLSLD, RELOC_TLS),
	TYPE(DTPOFF32, RELOC_TLS),
	/* known by name only */
	TYPE(GOTPC32_TLSDESC, RELOC_UNKNOWN),
	TYPE(TLSDESC_CALL, RELOC_UNKNOWN),
	TYPE(GOTPC32, RELOC_UNKNOWN),
	TYPE(GOTOFF64, RELOC_UNKNOWN),
	TYPE(GOT64, RELOC_UNKNOWN),
	TYPE(PLTOFF64, RELOC_UNKNOWN),
	TYPE(SIZE32, RELOC_UNKNOWN),
	TYPE(SIZE64, RELOC_UNKNOWN),
	TYPE(16, RELOC_UNKNOWN),
	TYPE(8, RELOC_UNKNOWN),
};

static const struct reloc_type *find_type(uint32_t type)
{
	for (size_t i = 0; i < sizeof(reloc_types) / sizeof(*reloc_types); i++)
		if (reloc_types[i].type == type)
			return &reloc_types[i];
	return NULL;
}

static int check_reloc(struct lp_pack_job *job, const struct lp_section *section,
		       const struct lp_relocation *reloc)
{
	const struct reloc_type *type = find_type(reloc->type);
	const struct lp_symbol *symbol = &job->obj.symbols[reloc->symbol];
	char number[32];

	snprintf(number, sizeof(number), "type %u", reloc->type);
	if (!type || type->kind == RELOC_UNKNOWN)
		return lp_pack_refuse(job, "bad-patch",
				      "relocation %s of section %s, against %s, is not supported%s",
				      type ? type->name : number, section->name, symbol->name,
				      "; compile with -fPIC and without -mcmodel or -mtls-dialect");
	if ((symbol->type == STT_TLS) != (type->kind == RELOC_TLS) && symbol->type != STT_NOTYPE)
		return lp_pack_refuse(
			job, "bad-patch",
			symbol->type == STT_TLS ?
				"%s is thread-local, but the patch does not declare it so" :
				"%s is not thread-local, but the patch declares it so",
			symbol->name);
	if (symbol->type == STT_TLS && symbol->object == LP_SYMBOL_NO_OBJECT)
		return lp_pack_refuse(job, "no-such-symbol",
				      "no target defines the thread-local variable %s",
				      symbol->name);
	if (symbol->section == SHN_ABS)
		return lp_pack_refuse(job, "bad-patch", "%s is an absolute symbol", symbol->name);
	if (symbol->section == SHN_COMMON)
		return lp_pack_refuse(job, "bad-patch",
				      "%s is a common symbol; compile with -fno-common",
				      symbol->name);
	return 0;
}

static bool is_code(const struct lp_relobj *obj, const struct lp_symbol *symbol)
{
	return symbol->section != SHN_UNDEF && symbol->section < obj->n_sections &&
	       (obj->sections[symbol->section].flags & SHF_EXECINSTR);
}

/* Whether the field is the target of a direct call or jump. */
static bool is_branch(const struct lp_relobj *obj, const struct lp_section *section,
		      const struct lp_relocation *reloc)
{
	uint32_t index = (uint32_t)(section - obj->sections);
	uint64_t at = 0;

	if (reloc->type != R_X86_64_PLT32 && reloc->type != R_X86_64_PC32)
		return false;
	/* decode from the start of the function */
	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].section == index && obj->symbols[i].type == STT_FUNC &&
		    obj->symbols[i].value <= reloc->offset && obj->symbols[i].value > at)
			at = obj->symbols[i].value;
	while (at <= reloc->offset) {
		struct lp_insn insn;

		if (!lp_decode(section->bytes + at, section->size - at, at, &insn))
			return false;
		if (reloc->offset < at + insn.size)
			return (insn.flags & LP_INSN_DIRECT) && at + insn.field == reloc->offset;
		at += insn.size;
	}
	return false;
}

/*
 * Whether a relocation may leave the address of the patch's own code in data or registers after
 * the code was left. Unwind tables and what describes the patch is read by the agent alone.
 * Differences in read-only data are switch tables: the address they make is jumped to at once.
 */
static bool takes_address(const struct lp_relobj *obj, const struct lp_section *section,
			  const struct lp_relocation *reloc)
{
	if (!is_code(obj, &obj->symbols[reloc->symbol]) || reloc->descriptive ||
	    !strcmp(section->name, ".eh_frame") ||
	    !strncmp(section->name, ".gcc_except_table", strlen(".gcc_except_table")))
		return false;
	if (section->flags & SHF_EXECINSTR)
		return !is_branch(obj, section, reloc);
	return (section->flags & SHF_WRITE) || reloc->type != R_X86_64_PC32;
}

/*
 * Within one section the assembler leaves no relocation behind: an operand relative to rip that
 * has none leads to code of the section itself.
 */
static bool function_takes_address(const struct lp_section *section, const struct lp_symbol *symbol)
{
	uint64_t end = symbol->value + symbol->size;

	if (end < symbol->value || end > section->size)
		return true;
	for (uint64_t at = symbol->value; at < end;) {
		struct lp_insn insn;

		if (!lp_decode(section->bytes + at, end - at, at, &insn))
			return true;
		if ((insn.flags & LP_INSN_RIP) && !lp_section_reloc(section, at + insn.field))
			return true;
		at += insn.size;
	}
	return false;
}

/* These keep the place where they were called in memory, to come back to it later. */
static bool keeps_place(const char *name)
{
	static const char *const names[] = { "setjmp",	   "_setjmp",	 "__sigsetjmp",
					     "sigsetjmp",  "getcontext", "makecontext",
					     "swapcontext" };
	size_t length = strcspn(name, "@");

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == length && !strncmp(name, names[i], length))
			return true;
	return false;
}

static int check_section(struct lp_pack_job *job, const struct lp_section *section)
{
	struct lp_relobj *obj = &job->obj;
	int err = 0;

	for (size_t i = 0; i < section->n_relocs; i++) {
		const struct lp_relocation *reloc = &section->relocs[i];
		struct lp_symbol *symbol = &obj->symbols[reloc->symbol];

		err = check_reloc(job, section, reloc) ?: err;
		symbol->keep = true;
		job->address_taken |= takes_address(obj, section, reloc);
		if (symbol->section == SHN_UNDEF)
			job->address_taken |= keeps_place(symbol->name);
	}
	return err;
}

/* Named functions and variables of what is kept: for debuggers. */
static void keep_symbols(struct lp_relobj *obj)
{
	for (uint32_t i = 1; i < obj->n_symbols; i++) {
		struct lp_symbol *symbol = &obj->symbols[i];

		if (symbol->section != SHN_UNDEF && symbol->section < obj->n_sections &&
		    obj->sections[symbol->section].keep &&
		    (symbol->type == STT_FUNC || symbol->type == STT_OBJECT))
			symbol->keep = true;
	}
}

int lp_pack_check(struct lp_pack_job *job)
{
	struct lp_relobj *obj = &job->obj;
	int err = 0;

	for (uint32_t i = 1; i < obj->n_sections; i++)
		if (obj->sections[i].keep)
			err = check_section(job, &obj->sections[i]) ?: err;
	keep_symbols(obj);
	for (uint32_t i = 1; i < obj->n_symbols; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];

		if (symbol->type == STT_FUNC && is_code(obj, symbol))
			job->address_taken |= function_takes_address(
				&obj->sections[symbol->section], symbol);
		if (symbol->keep && symbol->type == STT_GNU_IFUNC && symbol->section != SHN_UNDEF)
			err = lp_pack_refuse(job, "bad-patch",
					     "the patch defines an indirect function (%s)",
					     symbol->name);
		if (symbol->keep && symbol->section != SHN_UNDEF &&
		    symbol->section < obj->n_sections && !obj->sections[symbol->section].keep)
			err = lp_pack_refuse(job, "bad-patch",
					     "the patch's code refers to section %s, which is not "
					     "loaded",
					     obj->sections[symbol->section].name);
	}
	return err;
}
