/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * site.h - the entry of one original function, where calls are redirected.
 *
 *	state                    current          next
 *	settled                  version in use   same as current
 *	in transition            unpatched go     patched go
 *
 * A version is the function of a patch, or NULL: the original. A site is there while any version
 * but the original is current or next.
 */
#ifndef LP_CORE_SITE_H
#define LP_CORE_SITE_H

#include "patch.h"

struct lp_site {
	struct lp_list link; /* core->sites */
	struct lp_list transition_link; /* transition.sites, or empty */
	struct lp_function *first; /* a function of this identity; valid as long as the site */
	struct lp_function *current;
	struct lp_function *next;
	void *host; /* the host's own data */
	bool fresh; /* its object is just coming */
};

struct lp_transition;

/*
 * Inside the core. Creates the site of a function that has none, its original in use:
 * function->site. 0, -ENOMEM or what host->site_open() says (reported); then there is no site.
 */
int lp_site_create(struct lp_core *core, struct lp_function *function,
		   struct lp_report *report) LP_MUST_CHECK;
/* Its original is in use again: gives it back. Unlinks it; functions still point to it. */
void lp_site_destroy(struct lp_core *core, struct lp_site *site);

/* The sites of a transition. */

/* The site takes part: its unpatched tasks go to site->current, patched ones to next. */
void lp_site_join(struct lp_transition *tr, struct lp_site *site, struct lp_function *next);
/* Which function do coming patches have in the place of this one? NULL: none, the original. */
struct lp_function *lp_sites_next(const struct lp_transition *tr,
				  const struct lp_function *function);
/*
 * All sites of the coming and leaving patches, as far as their objects are there, take part; those
 * that do not exist are created. An errno (reported): lp_sites_choose(false) and leave undo it.
 */
int lp_sites_join(struct lp_core *core, struct lp_report *report) LP_MUST_CHECK;
/* Each settles for one of its two versions: next, or current. */
void lp_sites_choose(struct lp_transition *tr, bool next);
/* Ends their part in the transition; those that are back at the original are destroyed. */
void lp_sites_leave(struct lp_core *core);
/* No function of the patch has a site. */
void lp_sites_detach(struct lp_patch *patch);

#endif
