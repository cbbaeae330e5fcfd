/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_plan.h - how a patch is put into memory, step by step, before anything of it is visible.
 *
 *	layout     in which piece, and where in its range, each section and each slot lies
 *	resolve    the address of each symbol that a relocation uses (all ranges are reserved by now)
 *	relocate   the finished bytes, in private memory
 *
 * Used by image.c only; agent's thread only.
 */
#ifndef LP_AGENT_IMAGE_PLAN_H
#define LP_AGENT_IMAGE_PLAN_H

#include <stdbool.h>

#include "image.h"

#define LP_IMAGE_PLT_SIZE 8 /* jmp *slot(%rip); int3; int3 */

enum lp_image_group { LP_IMAGE_TEXT, LP_IMAGE_RODATA, LP_IMAGE_DATA, LP_IMAGE_GROUPS };

/* One symbol as the relocations of one piece use it. Numbers count from 1; 0: not needed. */
struct lp_image_slots {
	uint32_t got, plt;
	uint32_t tls_gd; /* first of two slots of the GOT */
	uint32_t tls_ld; /* likewise */
	uint32_t got_tp;
};

/* One symbol as the relocations use it. */
struct lp_image_symbol {
	bool used;
	bool needs_tp; /* its offset from the thread pointer must be a constant */
	/* resolved */
	uint64_t addr; /* thread-local: the offset in its module */
	uint64_t module;
	uint64_t tp_offset;
};

struct lp_image_part {
	size_t offset; /* in the range; a multiple of the page size, as size */
	size_t size;
	size_t filled; /* the rest is zero */
};

/* Of loaded sections only. */
struct lp_image_section {
	uint32_t piece; /* index */
	size_t offset; /* in its range */
};

/* What lies near one object. */
struct lp_image_piece_plan {
	uint32_t object; /* index in the file */
	struct lp_image_part parts[LP_IMAGE_GROUPS];
	size_t size; /* of all parts */
	struct lp_image_slots *slots; /* by symbol index */
	size_t plt_offset, got_offset; /* in the range */
	uint32_t n_plt, n_got;
	uint32_t eh_frame; /* section index, 0: none */
	uint64_t addr; /* of the range */
	uint8_t *bytes; /* what the range will hold, up to its last byte that is filled */
};

struct lp_image_plan {
	const struct lp_patch_file *file;
	const struct lp_object *const *objects;
	const struct lp_author *author; /* what undefined names may mean; or NULL */
	struct lp_report *report;
	struct lp_image_piece_plan *pieces; /* in the order of their objects */
	uint32_t n_pieces;
	struct lp_image_section *sections; /* by section index */
	struct lp_image_symbol *symbols; /* by symbol index */
};

/* Where a loaded section lies, once its piece has an address. */
static inline uint64_t lp_image_section_addr(const struct lp_image_plan *plan, uint32_t section)
{
	const struct lp_image_section *where = &plan->sections[section];

	return plan->pieces[where->piece].addr + where->offset;
}

/* The steps; 0, -ECANCELED with a reason in the report, or another negative errno. */
int lp_image_layout(struct lp_image_plan *plan);
int lp_image_resolve(struct lp_image_plan *plan);
int lp_image_relocate(struct lp_image_plan *plan);
void lp_image_plan_deinit(struct lp_image_plan *plan);

/* Adds a refusal about a symbol to the report; returns -ECANCELED. */
int lp_image_refuse(struct lp_image_plan *plan, enum lp_reason reason, const char *object,
		    const char *symbol);

/* The index of the object that a livepatch symbol lies in, or -1. */
int lp_image_symbol_object(const struct lp_patch_file *file, const Elf64_Sym *symbol);

#endif
