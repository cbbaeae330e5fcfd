/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * includes.h - which sources read a file that has changed, by the #include lines of all files of a
 * tree. Conditions are not looked at, nor where the compiler searches: it may be too many, and
 * it is too few only where a name is made by a macro or comes from an option.
 */
#ifndef LP_UNITS_INCLUDES_H
#define LP_UNITS_INCLUDES_H

#include "words.h"

/*
 * Adds the names, relative to the tree, of the sources of `patched` that include, also indirectly,
 * what is not as in `original`: directories of two copies of a tree. touched: names of files that
 * differ, of any kind. 0 or a negative errno.
 */
int lp_includes_readers(struct lp_words *readers, const char *original, const char *patched,
			const struct lp_words *touched);

#endif
