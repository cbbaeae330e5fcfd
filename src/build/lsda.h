/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lsda.h - the exception tables of the functions of an object (language-specific data areas): what
 * each place of a function catches. A function is what its code and its table are: the table may
 * change alone. Inside src/build only.
 */
#ifndef LP_BUILD_LSDA_H
#define LP_BUILD_LSDA_H

#include "reference.h"

struct lp_lsda {
	uint32_t code; /* section, and where in it the function or its cold part starts */
	int64_t start;
	uint32_t table; /* section, and what of it is this function's */
	uint64_t offset;
	uint64_t size;
};

/* By section of code, and where in it. */
struct lp_lsdas {
	struct lp_lsda *list;
	size_t count;
};

/* As the unwind tables say. 0 or -ENOMEM; to be closed in any case. */
int lp_lsdas_open(struct lp_lsdas *lsdas, const struct lp_references *references);
void lp_lsdas_close(struct lp_lsdas *lsdas);

/* The first one of a section of code, NULL: it has none. *count becomes how many follow from there. */
const struct lp_lsda *lp_lsdas_of(const struct lp_lsdas *lsdas, uint32_t code, size_t *count);
/* That of the code that starts there, or NULL. */
const struct lp_lsda *lp_lsdas_at(const struct lp_lsdas *lsdas, uint32_t code, uint64_t start);

#endif
