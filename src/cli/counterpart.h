/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * counterpart.h - what the build has made of the patched tree in the place of each target.
 */
#ifndef LP_CLI_COUNTERPART_H
#define LP_CLI_COUNTERPART_H

#include "elf/file.h"
#include "messages.h"
#include "place.h"

struct lp_build_id {
	uint8_t bytes[LP_ELF_BUILD_ID_MAX];
	int size;
};

struct lp_counterparts {
	/* set by the caller */
	const char *work; /* of lp_build(): tree.original and tree.patched are there */
	const char *source; /* the tree's own path */
	const char *const *targets;
	size_t n_targets;
	struct lp_messages *messages; /* for refusals */
	/* ours */
	char *tree; /* `source`, absolute */
	struct lp_place place; /* where the patched tree and the counterparts lie at their places */
	struct lp_build_id *old, *new; /* of each target, and of its counterpart */
};

/* 0; -ECANCELED: refused, which was reported; or -errno. To be freed in any case. */
int lp_counterparts_find(struct lp_counterparts *counterparts);
void lp_counterparts_free(struct lp_counterparts *counterparts);

/* Whether the process maps one of these files. */
bool lp_build_ids_mapped(const struct lp_build_id *ids, size_t count, pid_t pid);

#endif
