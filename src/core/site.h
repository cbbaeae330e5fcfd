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
};

/*
 * Inside the core. Creates the site of a function that has none, its original in use:
 * function->site. 0, -ENOMEM or what host->site_open() says (reported); then there is no site.
 */
int lp_site_create(struct lp_core *core, struct lp_function *function,
		   struct lp_report *report) LP_MUST_CHECK;
/* Its original is in use again: gives it back. Unlinks it; functions still point to it. */
void lp_site_destroy(struct lp_core *core, struct lp_site *site);

#endif
