/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reference.h - where the relocations of an object lead to: a section and an offset in it, whatever
 * symbol and addend the assembler wrote it with.
 */
#ifndef LP_BUILD_REFERENCE_H
#define LP_BUILD_REFERENCE_H

#include "relobj.h"

struct lp_reference {
	const struct lp_relocation *reloc;
	uint32_t section; /* of the object; SHN_UNDEF: another object's, or a common symbol */
	int64_t offset; /* from the section's start, or from the undefined symbol */
	int64_t piece; /* in a merged section: where what is meant starts; the offset may lie outside */
	uint8_t insn; /* bytes from the start of its instruction to the field; 0 in data */
	uint8_t end; /* bytes from the field to the end of its instruction; 0 in data */
	bool branch; /* the target of a direct call or jump */
};

/* What lies at each relocation of each section, in the order of section->relocs. */
struct lp_references {
	const struct lp_relobj *obj;
	struct lp_reference **of; /* by section index; NULL: has none */
};

/* 0 or -ENOMEM. The object must outlive it, and its relocations stay as they are. */
int lp_references_open(struct lp_references *references, const struct lp_relobj *obj);
void lp_references_close(struct lp_references *references);

/* A section whose contents the linker may merge: strings and constants, known by what they are. */
bool lp_section_is_merged(const struct lp_section *section);
bool lp_section_is_code(const struct lp_section *section);
/* Constant once the program runs: read-only, or read-only after relocation. */
bool lp_section_is_const(const struct lp_section *section);
/* Part of the program in memory: code, data, thread-local data. Not unwind tables, notes, debug. */
bool lp_section_is_program(const struct lp_section *section);

/* Whether what lies at two offsets of two merged sections is the same constant. */
bool lp_merged_equal(const struct lp_section *a, int64_t a_offset, const struct lp_section *b,
		     int64_t b_offset);

#endif
