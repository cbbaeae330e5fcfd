/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * code.h - the code of one object as a whole: where functions lie, which direct branches there
 * are, where there is padding between functions. Built once per object by a linear sweep.
 */
#ifndef LP_BUILD_CODE_H
#define LP_BUILD_CODE_H

#include "../elf/file.h"
#include "decode.h"

struct lp_branch {
	uint64_t target;
	uint64_t source; /* the branching instruction */
	bool call;
};

/* The code of one function: by its symbol or, where it has none, by its FDE. */
struct lp_extent {
	uint64_t addr;
	uint64_t size;
	bool symbol;
};

/* Bytes between the end of a function and whatever comes next. */
struct lp_gap {
	uint64_t addr;
	uint64_t end; /* of the padding, as far as it is padding */
	uint64_t owner; /* start of the function that ends at addr */
};

struct lp_code {
	const struct lp_elf *elf;
	struct lp_branch *branches; /* by target, then source */
	size_t n_branches;
	struct lp_extent *extents; /* by address */
	size_t n_extents;
	struct lp_gap *gaps; /* by address; usable padding only */
	size_t n_gaps;
	/* ours */
	uint64_t *starts; /* where decoding starts afresh */
	size_t n_starts;
	size_t branch_capacity;
};

/* 0 or -ENOMEM. *code is set on success only; elf must outlive it. */
int lp_code_create(struct lp_code **code, const struct lp_elf *elf);
void lp_code_destroy(struct lp_code *code);

/* The first branch (by target, then source) whose target is >= addr: index, n_branches if none. */
size_t lp_code_branch_index(const struct lp_code *code, uint64_t addr);
/* A function that contains the address, the one that starts last; or NULL. */
const struct lp_extent *lp_code_extent_at(const struct lp_code *code, uint64_t addr);
/* The first gap whose address is >= addr: index, n_gaps if none. */
size_t lp_code_gap_index(const struct lp_code *code, uint64_t addr);

#endif
