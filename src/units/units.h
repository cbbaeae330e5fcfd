/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * units.h - from a source tree, a diff and a build command to pairs of objects: each source that
 * the build compiles again because of the diff, compiled as it was and as it is with the diff.
 *
 * The user's tree is only read: a copy is built, in a mount namespace of its own, at the tree's
 * own path. Both compilations of a unit run the command of the build's own log, in the same
 * directory under the same names, with options added that part functions and data into sections.
 *
 * One call at a time per `work`. The caller's own namespaces stay as they are, and no process
 * that was started outlives the call, or the caller.
 */
#ifndef LP_UNITS_UNITS_H
#define LP_UNITS_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#include "report.h"

struct lp_unit {
	char *source; /* relative to the tree; absolute if it lies outside */
	/* the object that the build makes, relative to the tree (absolute outside); of a line that
	 * compiles and links at once, the source's name */
	char *output;
	char *original; /* path of our object of the original source; NULL: the source is new */
	char *patched; /* path of our object of the patched source; NULL: it is gone */
	bool lto; /* the build uses -flto; our objects are made without */
};

/*
 * Sorted by output: the same input gives the same list. What the build compiles to the same bytes
 * with the diff as without is left out.
 */
struct lp_units {
	struct lp_unit *list;
	size_t count;
};

struct lp_units_options {
	const char *source; /* the tree */
	const char *patch; /* a unified diff, relative to the tree (patch -p1 or -p0) */
	const char *make; /* for /bin/sh in the tree; NULL: make -jN */
	const char *clean; /* run before anything is built; NULL: nothing */
	/*
	 * Existing empty directory, not below `source`, for all that is kept: tree.original,
	 * tree.patched, log, original/N.o, patched/N.o. The caller removes it.
	 */
	const char *work;
	const char *recorder; /* path of suture-recorder.so */
	unsigned int jobs; /* compilations at a time; 0: as many as processors */
	/* As in report.h. May be NULL. */
	void (*report)(void *context, enum lp_severity severity, const char *reason,
		       const char *text);
	/*
	 * phase: "copy", "build", "record", "patch", "rebuild", "patched", "original"; done of
	 * total steps of it, total 0: not known. May be NULL.
	 */
	void (*progress)(void *context, const char *phase, unsigned int done, unsigned int total);
	void *context;
};

/*
 * Makes the pairs. 0, also with no unit at all (nothing is compiled because of the diff);
 * -ECANCELED: refused, and reported: "compile-failed", "build-failed", "bad-patch" (the diff does
 * not apply), "asm-changed"; another negative errno. On failure *units is untouched. To be freed.
 */
int lp_units_make(struct lp_units *units, const struct lp_units_options *options);

/* The pairs that an earlier lp_units_make() left in `work`. 0 or a negative errno. To be freed. */
int lp_units_load(struct lp_units *units, const char *work);

void lp_units_free(struct lp_units *units);

#endif
