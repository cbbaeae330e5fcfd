/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loaded.h - a patch in this process: the file, its code in memory, and the core's view of it.
 *
 *	loaded    verified and mapped, unknown to the core
 *	enabled   the core has it
 *	retired   the core has released it; waits in a grave, or is pinned for good
 *
 * Agent's thread only.
 */
#ifndef LP_AGENT_LOADED_H
#define LP_AGENT_LOADED_H

#include "../core/core.h"
#include "author.h"
#include "gate.h"
#include "image.h"
#include "marker.h"

/* Behind lp_function.host. */
struct lp_loaded_function {
	struct lp_loaded *loaded;
	unsigned int index; /* in the file, and of its marker */
	uint64_t new_addr;
	uint64_t new_size;
	bool called;
};

struct lp_loaded {
	struct lp_loaded *next; /* all of them */
	struct lp_patch core;
	struct lp_patch_file file;
	struct lp_object *objects; /* where the file's objects are mapped, by index; copies */
	struct lp_image image;
	struct lp_markers markers;
	struct lp_loaded_function *functions;
	struct lp_author author;
	const char **requires;
	bool retired;
};

/*
 * Reads, verifies and loads a .lp. fallback_name: for a patch without a name. NULL with *error:
 * -ECANCELED (reasons in the report; their strings live as long as *file_out, which the caller
 * closes) or another negative errno. Nothing is left behind on failure.
 */
struct lp_loaded *lp_loaded_create(int fd, struct lp_report *report, struct lp_patch_file *refused,
				   const char **why, int *error);
/* Unmaps and frees it; nothing can reach it. */
void lp_loaded_destroy(struct lp_loaded *loaded);
/* The core has let go of it: into a grave, or pinned. */
void lp_loaded_retire(struct lp_loaded *loaded);

struct lp_loaded *lp_loaded_first(void); /* then ->next */
struct lp_loaded *lp_loaded_of(const struct lp_patch *patch);

/* Where a call of this version goes; through its marker while it has not been called. */
uint64_t lp_loaded_entry(const struct lp_function *function);
/*
 * Takes markers that have been stored to off the path of settled gates, of all patches. Returns
 * whether there are functions left that have not been called.
 */
bool lp_loaded_update_called(void);

#endif
