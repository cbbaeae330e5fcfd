/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * merge.h - the included sections of all instances, and all of what is added by hand, as one
 * object, with the description that the phases of phase.h work on.
 */
#ifndef LP_BUILD_MERGE_H
#define LP_BUILD_MERGE_H

#include "added.h"
#include "instance.h"

/*
 * Fills in job->obj, job->n_built and job->description; the strings of the latter belong to the
 * former, to the targets, or to what is added, from whose descriptions it takes the lists. 0;
 * -ECANCELED, reported through the job; -ENOMEM.
 */
int lp_merge(struct lp_pack_job *job, const struct lp_instance *instances, size_t n_instances,
	     struct lp_added *added, size_t n_added);

#endif
