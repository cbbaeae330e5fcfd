// SPDX-License-Identifier: LGPL-2.1-or-later
/* The ELF part of a .lp: after this, every section, name, symbol and relocation is in bounds. */
#include <string.h>

#include "../x86_64/reloc.h"
#include "patch_check.h"

#ifndef SHT_X86_64_UNWIND
#define SHT_X86_64_UNWIND 0x70000001
#endif
#define MAX_ALIGN 4096u
#define MAX_LOADED (256ul << 20) /* bytes of all loaded sections, .bss included */
#define KLP_SYM_PREFIX ".klp.sym."

static const char *check_header(const Elf64_Ehdr *header)
{
	if (memcmp(header->e_ident, ELFMAG, SELFMAG))
		return "it is not an ELF file";
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_machine != EM_X86_64)
		return "the ELF file is not for x86-64";
	if (header->e_ident[EI_VERSION] != EV_CURRENT || header->e_version != EV_CURRENT)
		return "the ELF version is unknown";
	if (header->e_type != ET_REL)
		return "the ELF file is not relocatable";
	if (header->e_ehsize != sizeof(Elf64_Ehdr) || header->e_shentsize != sizeof(Elf64_Shdr))
		return "the sizes in the ELF header are wrong";
	if (!header->e_shnum || header->e_shnum >= SHN_LORESERVE)
		return "the number of sections is not supported";
	if (!header->e_shstrndx || header->e_shstrndx >= header->e_shnum)
		return "the section of the section names is out of range";
	return NULL;
}

static bool is_inside(const struct lp_patch_file *file, uint64_t offset, uint64_t size)
{
	return offset <= file->size && size <= file->size - offset;
}

/* The bytes of a string table, or NULL: it is none, or its last string has no end. */
static const char *string_table(const struct lp_patch_file *file, const Elf64_Shdr *section)
{
	const char *strings;

	if (section->sh_type != SHT_STRTAB || !section->sh_size)
		return NULL;
	strings = (const char *)file->bytes + section->sh_offset;
	return strings[section->sh_size - 1] ? NULL : strings;
}

static const char *open_sections(struct lp_patch_file *file)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)file->bytes;
	const Elf64_Shdr *names;

	if (header->e_shoff % 8 ||
	    !is_inside(file, header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr)))
		return "the section table is not inside the file";
	file->sections = (const Elf64_Shdr *)(file->bytes + header->e_shoff);
	file->n_sections = header->e_shnum;
	if (file->sections[0].sh_type != SHT_NULL)
		return "the first section is not empty";
	for (uint32_t i = 1; i < file->n_sections; i++) {
		const Elf64_Shdr *section = &file->sections[i];

		if (section->sh_type != SHT_NOBITS && section->sh_type != SHT_NULL &&
		    !is_inside(file, section->sh_offset, section->sh_size))
			return "a section is not inside the file";
	}
	names = &file->sections[header->e_shstrndx];
	file->section_names = string_table(file, names);
	if (!file->section_names)
		return "the section names are not a string table";
	for (uint32_t i = 0; i < file->n_sections; i++)
		if (file->sections[i].sh_name >= names->sh_size)
			return "the name of a section is out of range";
	return NULL;
}

static bool has_prefix(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

/* Code that would have to run at load or unload. */
static bool is_constructor(const Elf64_Shdr *section, const char *name)
{
	return section->sh_type == SHT_INIT_ARRAY || section->sh_type == SHT_FINI_ARRAY ||
	       section->sh_type == SHT_PREINIT_ARRAY || !strcmp(name, ".init") ||
	       !strcmp(name, ".fini") || has_prefix(name, ".init_array") ||
	       has_prefix(name, ".fini_array") || has_prefix(name, ".preinit_array") ||
	       has_prefix(name, ".ctors") || has_prefix(name, ".dtors");
}

static const char *check_loaded(const Elf64_Shdr *section)
{
	switch (section->sh_type) {
	case SHT_PROGBITS:
	case SHT_NOTE:
	case SHT_X86_64_UNWIND:
		break;
	case SHT_NOBITS:
		if (section->sh_flags & SHF_EXECINSTR)
			return "an executable section has no contents";
		break;
	default:
		return "a loaded section has a type that is not supported";
	}
	if (section->sh_flags & SHF_TLS)
		return "it defines thread-local variables";
	if (section->sh_flags & SHF_COMPRESSED)
		return "a loaded section is compressed";
	if (section->sh_flags & SHF_WRITE && section->sh_flags & SHF_EXECINSTR)
		return "a section is writable and executable";
	return NULL;
}

static const char *check_section(const struct lp_patch_file *file, const Elf64_Shdr *section,
				 uint64_t *loaded)
{
	const char *why;

	if (section->sh_addralign > MAX_ALIGN ||
	    section->sh_addralign & (section->sh_addralign - 1))
		return "the alignment of a section is not supported";
	if (section->sh_type == SHT_REL || section->sh_type == SHT_SYMTAB_SHNDX ||
	    section->sh_type == SHT_DYNSYM || section->sh_type == SHT_DYNAMIC)
		return "a section has a type that is not supported";
	if (is_constructor(section, file->section_names + section->sh_name))
		return "it has constructors or destructors";
	if (!lp_section_is_loaded(section))
		return NULL;
	why = check_loaded(section);
	if (why)
		return why;
	if (section->sh_size > MAX_LOADED)
		return "a section is too large";
	*loaded += section->sh_size;
	return *loaded > MAX_LOADED ? "the loaded sections are too large" : NULL;
}

static const char *check_sections(const struct lp_patch_file *file)
{
	uint64_t loaded = 0;

	for (uint32_t i = 1; i < file->n_sections; i++) {
		const Elf64_Shdr *section = &file->sections[i];
		const char *why = check_section(file, section, &loaded);

		if (why)
			return why;
		if (!strcmp(file->section_names + section->sh_name, ".eh_frame") &&
		    lp_section_is_loaded(section) && section->sh_type == SHT_NOBITS)
			return "it has an .eh_frame without contents";
	}
	return NULL;
}

static const char *check_defined(const struct lp_patch_file *file, const Elf64_Sym *symbol)
{
	const Elf64_Shdr *section = &file->sections[symbol->st_shndx];
	unsigned int type = ELF64_ST_TYPE(symbol->st_info);

	if (type == STT_TLS)
		return "it defines a thread-local variable";
	if (type == STT_GNU_IFUNC)
		return "it defines an indirect function";
	if (symbol->st_value > section->sh_size ||
	    symbol->st_size > section->sh_size - symbol->st_value)
		return "a symbol is not inside its section";
	return NULL;
}

static const char *check_symbol(const struct lp_patch_file *file, const Elf64_Sym *symbol,
				uint64_t names_size)
{
	const char *name = file->symbol_names + symbol->st_name;

	if (symbol->st_name >= names_size)
		return "the name of a symbol is out of range";
	switch (symbol->st_shndx) {
	case SHN_UNDEF:
		return NULL;
	case SHN_ABS:
		return ELF64_ST_TYPE(symbol->st_info) == STT_FILE ? NULL : "a symbol is absolute";
	case SHN_COMMON:
		return "a symbol is common: compile with -fno-common";
	case LP_SHN_LIVEPATCH:
		if (!has_prefix(name, KLP_SYM_PREFIX))
			return "the name of a livepatch symbol does not start with .klp.sym.";
		if (symbol->st_value >> 47 || symbol->st_size >> 47)
			return "the address of a livepatch symbol is out of range";
		return NULL;
	default:
		if (symbol->st_shndx >= file->n_sections)
			return "the section of a symbol is out of range";
		return check_defined(file, symbol);
	}
}

static const char *open_symbols(struct lp_patch_file *file)
{
	const Elf64_Shdr *table = NULL, *names;

	for (uint32_t i = 1; i < file->n_sections; i++) {
		if (file->sections[i].sh_type != SHT_SYMTAB)
			continue;
		if (table)
			return "it has more than one symbol table";
		table = &file->sections[i];
	}
	if (!table)
		return "it has no symbol table";
	if (table->sh_entsize != sizeof(Elf64_Sym) || table->sh_size % sizeof(Elf64_Sym) ||
	    !table->sh_size || table->sh_offset % 8 ||
	    table->sh_size / sizeof(Elf64_Sym) > UINT32_MAX)
		return "the size of the symbol table is wrong";
	if (table->sh_link >= file->n_sections)
		return "the section of the symbol names is out of range";
	names = &file->sections[table->sh_link];
	file->symbol_names = string_table(file, names);
	if (!file->symbol_names)
		return "the symbol names are not a string table";
	file->symbols = (const Elf64_Sym *)(file->bytes + table->sh_offset);
	file->n_symbols = (uint32_t)(table->sh_size / sizeof(Elf64_Sym));
	if (file->symbols[0].st_shndx || file->symbols[0].st_name || file->symbols[0].st_value)
		return "the first symbol is not empty";
	for (uint32_t i = 1; i < file->n_symbols; i++) {
		const char *why = check_symbol(file, &file->symbols[i], names->sh_size);

		if (why)
			return why;
	}
	return NULL;
}

/* What a relocation of a loaded section refers to. */
static const char *check_reference(const struct lp_patch_file *file, const Elf64_Sym *symbol,
				   const struct lp_reloc *reloc)
{
	bool is_tls = ELF64_ST_TYPE(symbol->st_info) == STT_TLS;

	if (lp_reloc_is_tls(reloc) != is_tls)
		return "a relocation does not fit to the type of its symbol";
	if (is_tls && symbol->st_shndx != LP_SHN_LIVEPATCH)
		return "a thread-local symbol is not one of a target";
	if (symbol->st_shndx == SHN_UNDEF && !file->symbol_names[symbol->st_name])
		return "a relocation refers to a symbol without a name";
	if (symbol->st_shndx == SHN_ABS ||
	    (symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != LP_SHN_LIVEPATCH &&
	     !lp_section_is_loaded(&file->sections[symbol->st_shndx])))
		return "a relocation refers to a section that is not loaded";
	return NULL;
}

static const char *check_relocation(const struct lp_patch_file *file, const Elf64_Shdr *target,
				    const Elf64_Rela *rela)
{
	const struct lp_reloc *reloc = lp_reloc_find(ELF64_R_TYPE(rela->r_info));

	if (ELF64_R_SYM(rela->r_info) >= file->n_symbols)
		return "the symbol of a relocation is out of range";
	if (!lp_section_is_loaded(target))
		return NULL; /* debug information: for others to read */
	if (!reloc)
		return "a relocation has a type that is not supported";
	if (rela->r_offset > target->sh_size || reloc->width > target->sh_size - rela->r_offset)
		return "a relocation is not inside its section";
	if (reloc->target == LP_RELOC_NOTHING)
		return NULL;
	if (!ELF64_R_SYM(rela->r_info))
		return "a relocation has no symbol";
	return check_reference(file, &file->symbols[ELF64_R_SYM(rela->r_info)], reloc);
}

static const char *check_relocations(const struct lp_patch_file *file, const Elf64_Shdr *section)
{
	const Elf64_Rela *relas = (const Elf64_Rela *)(file->bytes + section->sh_offset);
	const Elf64_Shdr *target;

	if (section->sh_entsize != sizeof(Elf64_Rela) || section->sh_size % sizeof(Elf64_Rela) ||
	    section->sh_offset % 8)
		return "the size of a relocation section is wrong";
	if (section->sh_link >= file->n_sections ||
	    file->sections[section->sh_link].sh_type != SHT_SYMTAB)
		return "a relocation section has no symbol table";
	if (!section->sh_info || section->sh_info >= file->n_sections)
		return "the target of a relocation section is out of range";
	target = &file->sections[section->sh_info];
	if (target->sh_type == SHT_RELA || target->sh_type == SHT_SYMTAB ||
	    (target->sh_type == SHT_NOBITS && section->sh_size))
		return "the target of a relocation section cannot be relocated";
	for (uint64_t i = 0; i < section->sh_size / sizeof(Elf64_Rela); i++) {
		const char *why = check_relocation(file, target, &relas[i]);

		if (why)
			return why;
	}
	return NULL;
}

const char *lp_elf_check(struct lp_patch_file *file)
{
	const char *why;

	if (file->size < sizeof(Elf64_Ehdr))
		return "the file is shorter than an ELF header";
	why = check_header((const Elf64_Ehdr *)file->bytes);
	if (!why)
		why = open_sections(file);
	if (!why)
		why = check_sections(file);
	if (!why)
		why = open_symbols(file);
	for (uint32_t i = 1; !why && i < file->n_sections; i++)
		if (file->sections[i].sh_type == SHT_RELA)
			why = check_relocations(file, &file->sections[i]);
	return why;
}
