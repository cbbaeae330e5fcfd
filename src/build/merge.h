/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * merge.h - the included sections of all instances as one object, with the description that the
 * phases of phase.h work on.
 */
#ifndef LP_BUILD_MERGE_H
#define LP_BUILD_MERGE_H

#include "instance.h"

/*
 * Fills in job->obj and job->description; the strings of the latter belong to the former, or to the
 * targets. 0; -ECANCELED, reported through the job; -ENOMEM.
 */
int lp_merge(struct lp_pack_job *job, const struct lp_instance *instances, size_t count);

#endif
