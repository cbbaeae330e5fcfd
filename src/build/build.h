/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build.h - makes a .lp of a source tree and a diff.
 *
 * Neither prints nor exits: everything to be told goes through `report`. The source tree is only read.
 * May be used by src/cli and tests; no state is kept between calls.
 */
#ifndef LP_BUILD_BUILD_H
#define LP_BUILD_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "pack.h"

struct lp_build_options {
	const char *source; /* the tree */
	const char *patch; /* a unified diff */
	const char *make; /* how the tree is built; NULL: make -jN */
	const char *clean; /* run before; NULL: nothing */
	const char *const *targets; /* ELF files that run, or will */
	size_t n_targets;
	const char *const *debug_files; /* as in pack.h */
	size_t n_debug_files;
	const char *const *leave; /* functions that stay as they are, ended by NULL; may be NULL */
	const char *const *accept; /* types whose changed layout is fine, likewise */
	const char *work; /* directory for what each step makes, new or empty; the caller's */
	bool from_objects; /* start with the objects that are there from an earlier call */
	const char *recorder; /* suture-recorder.so */
	/* Written by hand: C sources, or objects; what they define becomes part of the patch. */
	const char *const *adds;
	size_t n_adds;
	const char *cflags; /* for the sources of them, as in pack.h; may be NULL */
	const char *cc; /* NULL: cc */
	const char *include_dir; /* where suture/livepatch.h is; NULL: the compiler finds it */
	unsigned int jobs; /* compilations at a time; 0: as many as processors */
	const char *output; /* FIX.lp */
	void (*report)(void *context, enum lp_severity severity, const char *reason,
		       const char *text);
	/* phase: "add" if there are any, those of units.h, "match", "write". May be NULL. */
	void (*progress)(void *context, const char *phase, unsigned int done, unsigned int total);
	void *context;
};

/* What was made. */
struct lp_build_result {
	char **replaced; /* "OBJECT:FUNCTION", in the order of the .lp */
	size_t n_replaced;
	size_t n_units; /* compiled because of the diff */
	size_t n_changed; /* of them with other code */
	size_t n_functions; /* of the changed units, in the targets */
	size_t n_matched; /* of them found byte for byte */
};

/*
 * Makes the file. 0; -ECANCELED: refused, the reasons were reported; another negative errno: a
 * system call failed, which was reported too. On failure the output file is as it was. *result is set
 * in any case, and to be freed.
 */
int lp_build(const struct lp_build_options *options, struct lp_build_result *result);
void lp_build_result_free(struct lp_build_result *result);

#endif
