/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * relobj.h - a relocatable object in memory: what the compiler made of a patch, and what becomes
 * the .lp. Indices of sections and symbols are those of the input; index 0 is the empty one.
 */
#ifndef LP_BUILD_RELOBJ_H
#define LP_BUILD_RELOBJ_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "units/buffer.h"
#include "refusal.h"

struct lp_relocation {
	uint64_t offset;
	int64_t addend;
	uint32_t type; /* R_X86_64_* */
	uint32_t symbol; /* index */
	bool descriptive; /* of the structures that pack reads; not part of the running patch */
};

struct lp_section {
	char *name;
	uint32_t type;
	uint64_t flags;
	uint64_t align;
	uint64_t entsize;
	uint8_t *bytes; /* NULL: SHT_NOBITS */
	uint64_t size;
	struct lp_relocation *relocs; /* by offset */
	size_t n_relocs;
	bool keep; /* goes into the .lp */
	uint32_t out; /* index there */
	/* it must lie near this target object: index + 1; 0: not said, near the first function's */
	uint32_t near;
};

#define LP_SYMBOL_NO_OBJECT UINT32_MAX

struct lp_symbol {
	char *name;
	uint64_t value;
	uint64_t size;
	uint32_t section; /* index, SHN_UNDEF, SHN_COMMON or SHN_ABS */
	uint32_t object; /* index of the target object it lives in, or LP_SYMBOL_NO_OBJECT */
	uint8_t type;
	uint8_t binding;
	uint8_t visibility;
	bool keep;
	uint32_t out;
	/* an undefined name of a source that a target was made of: that target, its index + 1; else 0 */
	uint32_t asked_by;
	bool inside; /* likewise, and declared hidden: it must be that target's own */
};

struct lp_relobj {
	struct lp_section *sections;
	uint32_t n_sections;
	struct lp_symbol *symbols;
	uint32_t n_symbols;
};

/* Reads an ET_REL file. 0, -ECANCELED (not one that can be packed), or a negative errno. */
int lp_relobj_open(struct lp_relobj *obj, const char *path, struct lp_build_refusal *refusal);
void lp_relobj_close(struct lp_relobj *obj);

/* The section of that name, or NULL. */
struct lp_section *lp_relobj_section(const struct lp_relobj *obj, const char *name);
/* The relocation at an offset of a section, or NULL. */
struct lp_relocation *lp_section_reloc(const struct lp_section *section, uint64_t offset);
/* The function symbol at (section, offset): index, 0 if there is none. */
uint32_t lp_relobj_function_at(const struct lp_relobj *obj, uint32_t section, uint64_t offset);

/* Appends the object as an ELF file; what is not marked `keep` is left out. 0 or -ENOMEM. */
int lp_relobj_write(struct lp_relobj *obj, const char *const *object_names, struct lp_buffer *file);
/*
 * Gives each kept symbol and section its index in the file; to be called before lp_relobj_write(). A
 * section that is appended afterwards comes behind these.
 */
void lp_relobj_number(struct lp_relobj *obj);

#endif
