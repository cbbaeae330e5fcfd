/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * merged.h - between the files of lp_merge(): merge.c lays the sections and symbols of all
 * objects one after the other, merge_reloc.c leads their references there, merge_describe.c says
 * what is replaced.
 */
#ifndef LP_BUILD_MERGED_H
#define LP_BUILD_MERGED_H

#include "merge.h"

/* Where an object's sections and symbols have gone. */
struct lp_placed {
	const struct lp_relobj *from;
	/* one of them */
	const struct lp_instance *instance;
	struct lp_added *added;
	uint32_t *sections; /* by its section: ours; 0: not included */
	uint32_t *markers; /* by its section: our section symbol */
	uint32_t *symbols; /* by its symbol: ours; 0: none (yet) */
	uint64_t *shifts; /* by its section: where it starts in ours; 0 but for .eh_frame */
};

struct lp_merge {
	struct lp_pack_job *job;
	struct lp_relobj *obj; /* the job's */
	uint32_t section_room, symbol_room;
	struct lp_placed *placed; /* of the instances, then of what is added */
	size_t count;
	size_t n_instances;
	uint32_t frames; /* the one .eh_frame; 0: none yet */
};

/* merge.c: takes name over, also when it fails. 0 or -ENOMEM. */
int lp_merge_add_symbol(struct lp_merge *m, const struct lp_symbol *symbol, char *name,
			uint32_t *index);

/* The other files: 0; -ECANCELED, reported; -ENOMEM. */
int lp_merge_relocs(struct lp_merge *m);
int lp_merge_describe(struct lp_merge *m);

#endif
