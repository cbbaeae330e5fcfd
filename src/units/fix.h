/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fix.h - a unified diff, by patch(1): which files it touches, and applying it.
 */
#ifndef LP_UNITS_FIX_H
#define LP_UNITS_FIX_H

#include "words.h"

struct lp_fix {
	/* set by the caller */
	const char *path; /* absolute */
	const char *log; /* file for what patch(1) says */
	/* ours */
	unsigned int strip; /* -p */
	struct lp_words files; /* relative to the tree; none if it touches nothing */
};

/*
 * Finds out how the diff applies to a tree; changes nothing. 0; -EBADMSG: it does not apply (the
 * log says why); another negative errno, -ENOENT: there is no patch(1). To be freed.
 */
int lp_fix_try(struct lp_fix *fix, const char *tree);

/* Applies it, as tried. As above. */
int lp_fix_apply(struct lp_fix *fix, const char *tree);

void lp_fix_deinit(struct lp_fix *fix);

/* The path is documentation, which no code is made from. */
bool lp_fix_is_documentation(const char *path);
/* ... or a test, or a list of changes: nothing of the program is made from it. */
bool lp_fix_is_beside(const char *path);
/* The path is a source or a header of C or C++; of assembler. By its name. */
bool lp_fix_is_c(const char *path);
bool lp_fix_is_assembler(const char *path);
/* configure and Makefile.in are made from it, by tools that a build does not need otherwise. */
bool lp_fix_is_of_autotools(const char *path);

#endif
