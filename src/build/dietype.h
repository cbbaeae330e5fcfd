/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dietype.h - types in debug information: finding, peeling, and what they consist of.
 */
#ifndef LP_BUILD_DIETYPE_H
#define LP_BUILD_DIETYPE_H

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LP_DIE_DEPTH_MAX 64 /* of types in types and scopes in scopes: more is damage */

/* The debug information of an object file. */
struct lp_debug {
	Dwfl *dwfl;
	Dwarf *dwarf;
};

/* 0; -ENODATA: there is none; -ENOTSUP: types in units of their own; -EBADMSG; or an errno. */
int lp_debug_open(struct lp_debug *debug, const char *path);
void lp_debug_close(struct lp_debug *debug);

/* Visits the top entry of each unit; stops at the first result but 0. */
int lp_debug_units(struct lp_debug *debug, int (*visit)(void *context, Dwarf_Die *unit),
		   void *context);

bool lp_die_is_aggregate(Dwarf_Die *die); /* struct, class, union */
bool lp_die_is_cv(int tag); /* const and the like */
/* What DW_AT_type names; false: nothing, which is void. */
bool lp_die_type(Dwarf_Die *die, Dwarf_Die *type);
/*
 * Takes typedefs and const away; false: void. *alias becomes the name of a typedef that stands
 * directly before what is left, NULL: none does.
 */
bool lp_die_peel(Dwarf_Die *die, const char **alias);
/* An attribute that is a number. */
bool lp_die_number(Dwarf_Die *die, unsigned int attribute, uint64_t *number);
/* How many elements a subrange stands for; false: open, or not constant. */
bool lp_die_dimension(Dwarf_Die *range, uint64_t *count);

/* A data member or base class. Members of an unnamed aggregate count as those of the outer one. */
struct lp_member {
	const char *name; /* "" for an unnamed one that is kept: damage */
	Dwarf_Die type;
	uint64_t bit_offset; /* from the start of the aggregate; UINT64_MAX: not constant */
	uint64_t bits; /* how many it covers, 0: unknown or open */
	uint64_t align; /* asked for in the source, else 0 */
	bool bitfield;
	bool base;
};

struct lp_members {
	struct lp_member *list;
	size_t count;
	size_t capacity;
};

/* In the order of the source. 0, -ENOMEM, -EBADMSG; to be freed in any case. */
int lp_members_load(struct lp_members *members, Dwarf_Die *aggregate);
void lp_members_free(struct lp_members *members);

#endif
