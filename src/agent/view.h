/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * view.h - what tasks are told: publishing struct lp_view (slow.h), and freeing old ones.
 *
 * A published view never changes. A task that still reads an old one stands in agent text or has a
 * stub's return address on its stack, so old views are freed after a quiescence (grave.h).
 * Agent's thread only.
 */
#ifndef LP_AGENT_VIEW_H
#define LP_AGENT_VIEW_H

#include "slow.h"

/*
 * The next view: a copy of the published one, to be changed by the caller and then published. The
 * arrays of its ranges are borrowed; whoever owns them buries them, not this. NULL: no memory.
 */
struct lp_view *lp_view_draft(void);
void lp_view_publish(struct lp_view *view);
void lp_view_discard(struct lp_view *view); /* a draft that is not published after all */

/* Frees views that were replaced before the last call of lp_view_age(); to be called when no task
 * can be reading them. lp_view_age() marks those replaced up to now. */
void lp_view_age(void);
void lp_view_free_aged(void);
void lp_view_deinit(void); /* back to the static view; frees all */

#endif
