/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layout_value.h - what has a value in the running program, apart from its types: variables whose
 * type is another now, and constants of unnamed enums that are other numbers. Part of layout.c
 * only.
 */
#ifndef LP_BUILD_LAYOUT_VALUE_H
#define LP_BUILD_LAYOUT_VALUE_H

#include "layout.h"
#include "shape.h"

/*
 * Reports static variables (also those inside functions) that are not constant and whose types
 * differ, though not their sizes and not by a type that has a name: those are told of elsewhere;
 * and constants. In the order of the original. 0, -ENOMEM or -EBADMSG.
 */
int lp_layout_values(struct lp_debug *original, struct lp_debug *patched,
		     void (*report)(void *context, const struct lp_layout_change *change),
		     void *context);

#endif
