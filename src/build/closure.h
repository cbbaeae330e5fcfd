/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * closure.h - which sections of all instances become part of the patch: what is replaced, and
 * what is new of what that, or what is added by hand, refers to, across the sources.
 */
#ifndef LP_BUILD_CLOSURE_H
#define LP_BUILD_CLOSURE_H

#include "added.h"
#include "instance.h"

/* 0; -ECANCELED, reported; -ENOMEM. */
int lp_closure_make(struct lp_instance *instances, size_t n_instances, const struct lp_added *added,
		    size_t n_added, const struct lp_report_to *report);

#endif
