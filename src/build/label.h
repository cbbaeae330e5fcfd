/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * label.h - the names that sections are correlated by. Some have numbers of the compiler, which say
 * nothing: what is left without them is the base. Inside src/build only.
 */
#ifndef LP_BUILD_LABEL_H
#define LP_BUILD_LABEL_H

#include "pair.h"

/* Data of the program that is not merged by the linker. */
bool lp_section_is_data(const struct lp_section *section);

/* Whether a symbol is a variable in such a section. */
bool lp_half_is_variable(const struct lp_half *half, const struct lp_symbol *symbol);

/* Sets half->label. 0 or -ENOMEM. */
int lp_half_label(struct lp_half *half);

/*
 * A variable with a number that shifts: static variables of functions, count.0, count.1 of GCC,
 * work.count, work.count.1 of clang, _ZZ4workvE5count_0 of both; literals without a name; pieces of
 * a structure. Names of other variables of the file have no dot.
 */
bool lp_label_is_numbered(const char *name);
bool lp_half_is_numbered(const struct lp_half *half, uint32_t section);

/* Whether two names are the same but for such numbers. */
bool lp_label_same_base(const char *a, const char *b);

#endif
