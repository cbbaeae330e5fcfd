/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hold.h - functions that nobody changes and that still must not be on a stack at a switch, so that
 * one call of them sees one version of everything: the list of a transition. Inside the core.
 */
#ifndef LP_CORE_HOLD_H
#define LP_CORE_HOLD_H

#include "core.h"

/* The holds of all coming and leaving patches, in both directions alike. */
void lp_holds_join(struct lp_core *core);
void lp_holds_leave(struct lp_transition *tr);

#endif
