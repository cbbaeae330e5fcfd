/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layout_text.h - what is different between two definitions of a type, member by member. Part of
 * layout.c only.
 */
#ifndef LP_BUILD_LAYOUT_TEXT_H
#define LP_BUILD_LAYOUT_TEXT_H

#include "units/buffer.h"
#include "layout.h"
#include "shape.h"

/* One definition. */
struct lp_layout_side {
	struct lp_shapes *shapes;
	Dwarf_Die type; /* aggregate or enum */
};

/*
 * Appends the differences, without a NUL: "size 72 -> 80; + int limit at 72". Nothing: there are
 * none. 0, -ENOMEM or -EBADMSG.
 */
int lp_layout_describe(struct lp_buffer *text, struct lp_layout_side *old,
		       struct lp_layout_side *new, enum lp_layout_kind *kind);

#endif
