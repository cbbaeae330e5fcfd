/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shape.h - a number for each type, the same in two objects if values of the type can be handed
 * from the code of one to that of the other. Names of types behind pointers count, what they look
 * like does not; typedefs and const do not count at all.
 */
#ifndef LP_BUILD_SHAPE_H
#define LP_BUILD_SHAPE_H

#include "dietype.h"
#include "diemap.h"

/* Of one object; zeroed: ready. */
struct lp_shapes {
	struct lp_diemap map; /* of aggregates */
	bool coarse; /* pointers to functions are all the same, whatever the functions take */
	int err; /* the first failure: shapes after it mean nothing */
};

uint64_t lp_shape(struct lp_shapes *shapes, Dwarf_Die *type);
/* Of an enum with its values, which lp_shape() leaves out: more of them do no harm. */
uint64_t lp_shape_enum(struct lp_shapes *shapes, Dwarf_Die *type);
void lp_shapes_free(struct lp_shapes *shapes);

/* Mixes into a hash; the text may be NULL. */
uint64_t lp_shape_mix(uint64_t hash, uint64_t number);
uint64_t lp_shape_mix_text(uint64_t hash, const char *text);

#endif
