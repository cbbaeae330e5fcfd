/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pack.h - makes a .lp of a patch written by hand in C.
 *
 * Neither prints nor exits: everything to be told goes through `report`. May be used by src/cli
 * and tests; no state is kept between calls.
 */
#ifndef LP_BUILD_PACK_H
#define LP_BUILD_PACK_H

#include <stddef.h>

#include "units/report.h"

struct lp_pack_options {
	const char *source; /* FIX.c, or an object file FIX.o */
	const char *const *targets; /* ELF files that the patch is for */
	size_t n_targets;
	const char *const *debug_files; /* separate debug files, matched by build-id; may be NULL */
	size_t n_debug_files;
	const char *cflags; /* more flags for the compiler, quoted as in a shell; may be NULL */
	const char *cc; /* NULL: cc */
	const char *include_dir; /* where suture/livepatch.h is; NULL: the compiler finds it */
	const char *output; /* FIX.lp */
	/*
	 * Called for each message. reason: a fixed word (refusal.h). text: a sentence or, from the
	 * compiler, several lines. Both valid during the call only. May be NULL.
	 */
	void (*report)(void *context, enum lp_severity severity, const char *reason,
		       const char *text);
	void *context;
};

/*
 * Makes the file. 0; -ECANCELED: refused, the reasons were reported; another negative errno: a
 * system call failed, which was reported too. On failure the output file is as it was.
 */
int lp_pack(const struct lp_pack_options *options);

#endif
