/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * undo.h - what was replaced comes back, all together and in one transition, and the patch that
 * replaced it leaves. A patch that was replaced is kept (host->patch_keep) with the one that took
 * its place, so after A -> B -> C undo gives B, and undo again A. It is kept until
 *
 *	- undo brings it back,
 *	- the patch that replaced it is disabled, forgotten itself, or replaced with no_undo,
 *	- more than core->undo_depth replaces have happened since (the oldest is forgotten), or
 *	- lp_core_forget().
 *
 * A patch that is out again by undo is not kept: there is no redo.
 */
#ifndef LP_CORE_UNDO_H
#define LP_CORE_UNDO_H

#include "transition.h"

#define LP_UNDO_DEPTH 4 /* after lp_core_init() */

/*
 * Starts the transition that undoes the last replace (the last one that can be undone: an apply
 * that replaced nothing has nothing to bring back). Refused (-ECANCELED, every reason reported):
 * nothing is kept; the patch that leaves or one that comes back was forced; the one that leaves has
 * a state with block_disable that none of them has, or a newer version of a state; it is required
 * by a patch that stays; one that comes back requires what is not enabled, or is in conflict with a
 * patch that was applied since. Other errors as lp_core_apply(); the one that replaced stays then,
 * and undo is possible as before. deadline NULL: none.
 */
int lp_core_undo(struct lp_core *core, const struct lp_deadline *deadline,
		 struct lp_report *report) LP_MUST_CHECK;
/* Would it be accepted? As lp_core_undo(), and nothing is changed. */
int lp_core_undo_check(struct lp_core *core, struct lp_report *report) LP_MUST_CHECK;
/*
 * What undo would do: the patch that would leave, or NULL: nothing. Those that would come back are
 * its `replaced`: lp_list_for_each(other, &patch->replaced, link). Not NULL says nothing about
 * whether it is possible now.
 */
struct lp_patch *lp_core_undo_list(const struct lp_core *core);

/* Keeps at most so many replaces (0: none) from now on. -EBUSY in a transition. */
int lp_core_set_undo_depth(struct lp_core *core, unsigned int depth) LP_MUST_CHECK;
/* Releases every kept patch. -EBUSY in a transition. */
int lp_core_forget(struct lp_core *core) LP_MUST_CHECK;

/* Inside the core. The patch has been replaced by the other one and is out: keeps it. */
void lp_undo_keep(struct lp_core *core, struct lp_patch *patch, struct lp_patch *by);
/* Those that lp_undo_keep() has put with the patch are all: it can be undone. */
void lp_undo_update(struct lp_core *core, struct lp_patch *patch);
/* The patch is out for good, in no list. Releases what it replaced, and then the patch itself. */
void lp_undo_release(struct lp_core *core, struct lp_patch *patch);

#endif
