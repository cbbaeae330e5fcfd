/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * instance.h - one changed unit in one target: which sections of the patched object become part
 * of the patch, and what everything else that they refer to is in the target.
 */
#ifndef LP_BUILD_INSTANCE_H
#define LP_BUILD_INSTANCE_H

#include "binding.h"
#include "pair.h"
#include "phase.h"
#include "units/units.h"

/* A function of the target that is replaced. */
struct lp_replaced {
	uint32_t section; /* of the patched object */
	uint32_t symbol; /* likewise */
	uint64_t addr; /* of the original in the target */
	struct lp_elf_symbol old; /* the target's, or what is known of it without one */
	bool named; /* the target has a symbol */
};

struct lp_instance {
	struct lp_pair pair;
	struct lp_binding binding; /* of pair.old */
	struct lp_target *target;
	bool elsewhere; /* the target was made of another compilation of the same source */
	struct lp_replaced *replaced;
	size_t n_replaced;
	bool *included; /* by section of the patched object */
	const char **mismatched; /* functions that change, and that the target has otherwise */
	size_t n_mismatched;
};

/* What a reference of an included section is in the patch. */
enum lp_meaning {
	LP_MEANS_NAME, /* a symbol that is looked up by its name */
	LP_MEANS_INCLUDED, /* a section of the patch */
	LP_MEANS_TARGET, /* a place of the target */
};

/*
 * Compares the unit's objects, finds the original in the target, and which of its functions are
 * replaced. leave: names of functions that stay as they are, ended by NULL; may be NULL. An
 * instance of a target that holds nothing of the unit replaces nothing. 0; -ECANCELED: refused;
 * -ENOMEM. To be closed in any case.
 */
int lp_instance_open(struct lp_instance *instance, const struct lp_unit *unit,
		     struct lp_target *target, const char *const *leave,
		     const struct lp_report_to *report);
void lp_instance_close(struct lp_instance *instance);

/* replaced.c: fills in `replaced` and `mismatched`, once the original is bound. 0 or -ENOMEM. */
int lp_instance_find_replaced(struct lp_instance *instance, const struct lp_report_to *report);

/* A symbol of the patched object replaces the target's function at addr. 0 or -ENOMEM. */
int lp_instance_replace(struct lp_instance *instance, uint32_t symbol, uint64_t addr,
			uint64_t size);

/*
 * moved.c: a global function that is new in one unit and gone from another replaces the target's. 0;
 * -ECANCELED: it cannot, or a variable has moved, which was reported; -ENOMEM.
 */
int lp_instances_find_moved(struct lp_instance *instances, size_t count,
			    const struct lp_report_to *report);

/*
 * rival.c. One source may be compiled twice, for a program and for a library, say: whether this
 * instance and another of the same target are about the same functions, so that one of them is
 * not what the target holds.
 */
bool lp_instance_is_rival(const struct lp_instance *a, const struct lp_instance *b);
/*
 * Whether all code of the target's that is this unit's, by its bytes or names, is known to have been
 * compiled otherwise, where the target's debug information does not know the unit.
 */
bool lp_instance_is_foreign(const struct lp_instance *instance);
/* Nothing of the unit is in the target after all. */
void lp_instance_drop(struct lp_instance *instance);
/* Refuses functions that the target has otherwise, and callers that were not recognised. */
int lp_instance_check_match(const struct lp_instance *instance, const struct lp_report_to *report);

/* callers.c: a caller that was not recognised may count on what a function happens not to do. */
int lp_instance_check_callers(const struct lp_instance *instance,
			      const struct lp_report_to *report);

/* Includes what is replaced, and what is new or constant of what that needs. */
int lp_instance_include(struct lp_instance *instance, const struct lp_report_to *report);

/*
 * Another unit refers to a global symbol: if this one has it anew, it is included. 1: it is now,
 * and was not before; 0; -ECANCELED; -ENOMEM.
 */
int lp_instance_demand(struct lp_instance *instance, const char *name,
		       const struct lp_report_to *report);

/*
 * The global symbol of the patched object that the original has not: index; 0: none, or it is not
 * included and the target is not made of this unit. A new source may be part of any target.
 */
uint32_t lp_instance_new_symbol(const struct lp_instance *instance, const char *name);

/*
 * Adds the unwind tables of what is included; nothing more can be demanded then. Errors as above.
 */
int lp_instance_finish(struct lp_instance *instance, const struct lp_report_to *report);

/*
 * addr is set for LP_MEANS_TARGET: the vaddr (thread-local: the offset) that the start of the
 * reference's section, or its undefined symbol, has in the target.
 */
enum lp_meaning lp_instance_meaning(const struct lp_instance *instance, uint32_t from,
				    const struct lp_reference *reference, uint64_t *addr);

#endif
