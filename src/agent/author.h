/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * author.h - what the code of a patch sees of Suture (suture/livepatch.h): its own struct klp_patch,
 * its states and objects, and the functions it may call.
 *
 * The author's own structures only describe the patch and are not in memory; these are copies that
 * the agent makes for each loaded patch, and what callbacks get.
 */
#ifndef LP_AGENT_AUTHOR_H
#define LP_AGENT_AUTHOR_H

#include <suture/livepatch.h>

#include "../core/core.h"
#include "patch_file.h"

struct lp_author {
	struct klp_patch patch; /* states: below; objs: objects */
	struct klp_state *states; /* ends with id 0 */
	struct klp_object *objects; /* by index in the file; one more, empty */
	bool complete; /* atomic; for klp_transition_complete() */
};

/* The core whose transitions and patches it is about. */
void lp_author_init(struct lp_core *core);

/* Makes the copies; strings are the file's. 0 or -ENOMEM. */
int lp_author_create(struct lp_author *author, const struct lp_patch_file *file);
void lp_author_destroy(struct lp_author *author);

/* The address of a name of the interface, 0: it is none of it. */
uint64_t lp_author_symbol(const struct lp_author *author, const char *name);

/* States that a transition takes over keep the author's data: no callback is there to do it. */
void lp_author_take_over(const struct lp_transition *tr);

/* After anything that the core did, and before a callback: what other threads may ask for. */
void lp_author_update(void);

#endif
