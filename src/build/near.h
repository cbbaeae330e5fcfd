/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * near.h - near which object each section of a patch must lie, so that what it refers to directly
 * is in reach: a program and its libraries are further apart than that. Inside src/build only.
 */
#ifndef LP_BUILD_NEAR_H
#define LP_BUILD_NEAR_H

#include "phase.h"

/*
 * Sets `near` of the kept sections, unless it is said for some of them already, and makes one
 * .eh_frame of each place. A section is put elsewhere than near the first function's object only if
 * it must be. Then, whoever has said it: refuses references that do not reach. Called when the
 * symbols are resolved and checked. 0, -ECANCELED or -ENOMEM.
 */
int lp_pack_place(struct lp_pack_job *job);

#endif
