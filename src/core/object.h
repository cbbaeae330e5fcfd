/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * object.h - files that come into the target and go from it while patches are enabled, for hosts
 * that tell of it (host->site_patch). A function in an absent object has no site. Object callbacks
 * are the kernel's: run when patch and object are both there, those of the patch that comes in a
 * replace, not those of the ones that leave.
 *
 *	event                    callbacks of each enabled patch that has the object
 *	it comes                 pre_patch (a failure refuses the object), post_patch
 *	it comes, in transition  pre_patch; post_patch or post_unpatch when the transition is done
 *	it goes                  pre_unpatch, post_unpatch
 *	it goes, in transition   post_unpatch
 *
 * "In transition" means patches whose own object callbacks belong to the transition: coming ones,
 * and one that is disabled. A patch that is being replaced is treated as a settled one.
 */
#ifndef LP_CORE_OBJECT_H
#define LP_CORE_OBJECT_H

#include "transition.h"

/*
 * The object is mapped; no task runs code of it before this returns. Runs callbacks and opens the
 * sites of all enabled patches in it. 0: it may be used; also if no patch has it, or has it as
 * present already. -ECANCELED (reported): a pre_patch refused, or -EOPNOTSUPP or the errno of a
 * host's operation (reported): the patches are not in it, and the host must not let it be used.
 * -EBUSY (reported): while a callback runs; again later. name NULL: the program.
 */
int lp_core_object_coming(struct lp_core *core, const char *name,
			  struct lp_report *report) LP_MUST_CHECK;
/*
 * No task runs code of the object any more and none will; it is unmapped after this. Runs callbacks
 * and closes the sites. 0, or -EBUSY while a callback runs: again later.
 */
int lp_core_object_going(struct lp_core *core, const char *name) LP_MUST_CHECK;

#endif
