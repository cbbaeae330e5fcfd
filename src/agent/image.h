/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image.h - the code and data of a patch in memory: laid out near its objects, relocated,
 * registered with unwinders and debuggers. Agent's thread only.
 *
 * An image is in pieces, one near each object that the file's places name; most have one. They are
 * loaded together and go together.
 */
#ifndef LP_AGENT_IMAGE_H
#define LP_AGENT_IMAGE_H

#include "near.h"
#include "object.h"
#include "patch_file.h"

#include "../core/reason.h"

struct lp_author;

struct lp_image_piece {
	struct lp_near range; /* the whole of it */
	uint64_t text_addr; /* R-X */
	size_t text_size; /* 0: it has no code */
	uint64_t eh_frame_addr; /* 0: none */
	size_t eh_frame_size; /* without the terminator behind it */
	void *frames; /* registration with the unwinder of libgcc_s, NULL: it is not loaded */
};

struct lp_image {
	struct lp_image_piece *pieces; /* in the order of their objects */
	uint32_t n_pieces;
	uint64_t *section_addrs; /* by section index; 0: not loaded */
	void *debug_entry; /* gdb JIT interface */
};

/*
 * Loads the patch. objects[i] is where file->objects[i] is mapped (never NULL); author (may be NULL)
 * has the names of the agent's own interface. Checks that every
 * relocation can be applied before anything is mapped. 0; or -ECANCELED with reasons in the report
 * (bad-file, no-such-symbol, no-memory-near ...; their strings point into the file); or another
 * negative errno. On failure nothing is left behind. Strings of the report live as long as file.
 */
int lp_image_load(struct lp_image *image, const struct lp_patch_file *file,
		  const struct lp_object *const *objects, const struct lp_author *author,
		  struct lp_report *report);

/* Unregisters and unmaps it. The caller has proven that nothing can reach it. */
void lp_image_unload(struct lp_image *image);

/* The same for one that was in use: its code goes, its data into the attic. */
void lp_image_retire(struct lp_image *image);

/* Where a defined symbol of the file lies, 0: not loaded. */
uint64_t lp_image_symbol(const struct lp_image *image, const struct lp_patch_file *file,
			 uint32_t symbol);

#endif
