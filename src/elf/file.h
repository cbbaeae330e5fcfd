/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * file.h - an ELF file on disk: a program or shared object that a patch is made for.
 *
 * Everything in struct lp_elf is constant between open and close, and owned by it. All addresses
 * are vaddrs of the file. x86-64, 64-bit, ET_EXEC and ET_DYN only.
 */
#ifndef LP_ELF_FILE_H
#define LP_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct Elf;
struct lp_elf_source; /* an open file and its libelf handle */

#define LP_ELF_BUILD_ID_MAX 32

enum lp_elf_kind {
	LP_ELF_NONE, /* in no section */
	LP_ELF_CODE,
	LP_ELF_PLT, /* code that the linker made: .plt, .plt.got, .plt.sec */
	LP_ELF_INIT, /* .init and .fini: pieces that fall through into each other */
	LP_ELF_RODATA,
	LP_ELF_DATA,
	LP_ELF_BSS,
};

struct lp_elf_section {
	const char *name;
	uint64_t addr;
	uint64_t size;
	enum lp_elf_kind kind;
};

struct lp_elf_symbol {
	const char *name; /* without version */
	const char *version; /* NULL: none */
	uint64_t addr; /* STT_TLS: offset in the object's TLS segment */
	uint64_t size;
	uint8_t type; /* STT_* */
	uint8_t binding; /* STB_* */
	uint8_t visibility; /* STV_* */
	bool exported; /* in .dynsym */
	bool default_version; /* the one a reference without version gets */
	/* local ones, by the names of files among them; neither: not told (see scope.h) */
	bool of_source; /* it follows the name of a source */
	bool made_local; /* it follows those of all sources: the linker has made it local */
	uint32_t order; /* position in the symbol table, .symtab before .dynsym */
	/* a local one: which of .files it stands behind, from 1 on; 0: none, or what the linker made local */
	uint32_t file;
};

/* An undefined symbol of .dynsym. */
struct lp_elf_import {
	const char *name;
	const char *version; /* NULL: none */
};

/* Code that one FDE of .eh_frame describes. */
struct lp_elf_frame {
	uint64_t addr;
	uint64_t size;
};

struct lp_elf {
	char *path;
	const char *name; /* file name without directory */
	const char *soname; /* DT_SONAME or NULL */
	bool executable; /* ET_EXEC, or has PT_INTERP and no DT_SONAME */
	bool has_symtab; /* a full symbol table was found, here or in the debug file */
	bool has_private; /* and names of private functions in it: strip -x takes those alone */
	uint8_t build_id[LP_ELF_BUILD_ID_MAX];
	uint32_t build_id_size; /* 0: has none */
	struct lp_elf_section *sections; /* allocated ones, by address */
	size_t n_sections;
	struct lp_elf_symbol *symbols; /* in symbol-table order */
	size_t n_symbols;
	const char **files; /* names of the sources whose local symbols .symtab has, in its order */
	uint32_t n_files;
	const struct lp_elf_symbol **by_name; /* name, then order */
	const struct lp_elf_symbol **by_addr; /* address, then order; no TLS */
	size_t n_by_addr;
	struct lp_elf_import *imports;
	size_t n_imports;
	struct lp_elf_frame *frames; /* by address */
	size_t n_frames;
	uint64_t tls_size; /* of PT_TLS in memory; 0: has none */
	uint64_t tls_align;
	/* ours */
	struct lp_elf_source *file;
	struct lp_elf_source *debug;
	char **strings;
	size_t n_strings;
};

/*
 * Opens a file and reads its symbols: from .symtab, else from the .symtab of a separate debug file
 * (debug_path; NULL: /usr/lib/debug/.build-id/xx/yyyy.debug, else what the servers that
 * $DEBUGINFOD_URLS names have), and from .dynsym. 0, or: -EBADMSG (not an ELF file that we can
 * read), -ESTALE (debug_path belongs to another build), or the errno of open(2). *elf is set on success only and belongs to the caller.
 */
int lp_elf_open(struct lp_elf **elf, const char *path, const char *debug_path);
void lp_elf_close(struct lp_elf *elf);

/* Reads only the build-id of any ELF file into id; its size, or -EBADMSG, -ENOENT ... */
int lp_elf_build_id(const char *path, uint8_t id[LP_ELF_BUILD_ID_MAX]);

/* The bytes the file maps at a vaddr, NULL if they are not all there. Valid until close. */
const uint8_t *lp_elf_bytes(const struct lp_elf *elf, uint64_t addr, uint64_t size);

/* The section that an address is in, or NULL. */
const struct lp_elf_section *lp_elf_section_at(const struct lp_elf *elf, uint64_t addr);

/*
 * Finds a defined symbol. name may end in "@VERSION". sympos 0: it must be unique, save that of
 * several versions the default one is meant; 1..n: the n-th of that name in symbol-table order,
 * where symbols of one name and address count once. 0, -ENOENT, or -ENOTUNIQ.
 */
int lp_elf_find(const struct lp_elf *elf, const char *name, unsigned long sympos,
		const struct lp_elf_symbol **symbol);

/*
 * The position to find a symbol by (its sympos): 0 if its name is unique, else 1..n. The symbol is one of
 * elf->symbols.
 */
unsigned long lp_elf_position(const struct lp_elf *elf, const struct lp_elf_symbol *symbol);

/* All symbols at an address; *count is set. They lie one after the other in by_addr. */
const struct lp_elf_symbol *const *lp_elf_symbols_at(const struct lp_elf *elf, uint64_t addr,
						     size_t *count);

/* The first of by_name whose name is not less than this one: index, n_symbols if none. */
size_t lp_elf_name_index(const struct lp_elf *elf, const char *name);

/* Whether name is the object's DT_SONAME or file name. */
bool lp_elf_named(const struct lp_elf *elf, const char *name);

/* Whether it asks for the name. */
bool lp_elf_imports(const struct lp_elf *elf, const char *name);

/* The version of an import, NULL: none, or no such import. */
const char *lp_elf_import_version(const struct lp_elf *elf, const char *name);

#endif
