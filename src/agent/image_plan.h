/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_plan.h - how a patch is put into memory, step by step, before anything of it is visible.
 *
 *	layout     where each section and each slot lies in the range
 *	resolve    the address of each symbol that a relocation uses (the range is reserved by now)
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

/* One symbol as the relocations use it. Slot numbers count from 1; 0: not needed. */
struct lp_image_symbol {
	bool used;
	uint32_t got, plt; /* slots */
	uint32_t tls_gd; /* first of two slots of the GOT */
	uint32_t tls_ld; /* likewise */
	uint32_t got_tp;
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

struct lp_image_plan {
	const struct lp_patch_file *file;
	const struct lp_object *const *objects;
	const struct lp_author *author; /* what undefined names may mean; or NULL */
	struct lp_report *report;
	struct lp_image_part parts[LP_IMAGE_GROUPS];
	size_t size; /* of all parts */
	size_t *section_offsets; /* in the range; only of loaded sections */
	struct lp_image_symbol *symbols; /* by symbol index */
	size_t plt_offset, got_offset; /* in the range */
	uint32_t n_plt, n_got;
	uint32_t eh_frame; /* section index, 0: none */
	uint64_t addr; /* of the range */
	uint8_t *bytes; /* what the range will hold, up to its last byte that is filled */
};

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
