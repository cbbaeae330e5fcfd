/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * added.h - what the author adds by hand to a patch that is made of a diff: a C source with the
 * API of suture/livepatch.h, or its object. At most one of them has a KLP_PATCH(), with
 * callbacks, states and replacements; all of them may define what code of the diff uses, and use
 * what that defines anew.
 */
#ifndef LP_BUILD_ADDED_H
#define LP_BUILD_ADDED_H

#include "instance.h"

struct lp_added {
	const char *path; /* as it was given; borrowed */
	char *object_path;
	struct lp_relobj obj;
	struct lp_description description;
};

/*
 * Compiles and reads them, and says what can be said before anything else is built: there is one
 * KLP_PATCH() at most, for objects that are targets. work: where compiled objects go. 0;
 * -ECANCELED, reported; another negative errno. All are to be closed in any case.
 */
int lp_added_open_all(struct lp_added *added, size_t count, struct lp_pack_job *job,
		      const char *const *paths, const char *work);
void lp_added_close(struct lp_added *added);

/* Names that they give to all must be new. 0 or -ECANCELED, reported. */
int lp_added_check_names(struct lp_pack_job *job, const struct lp_added *added, size_t count,
			 const struct lp_instance *instances, size_t n_instances);

/* The symbol that it defines for all: index; 0: none. */
uint32_t lp_added_find(const struct lp_added *added, const char *name);

#endif
