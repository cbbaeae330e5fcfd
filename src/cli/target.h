/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target.h - which processes a command is about. */
#ifndef LP_CLI_TARGET_H
#define LP_CLI_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "options.h"

struct lp_targets {
	pid_t *pids; /* in the order of the selectors, none twice */
	size_t count;
};

/* Whether --all means this process. */
typedef bool (*lp_target_filter)(pid_t pid, void *context);

/* The meaning of --all where no patch file says otherwise: it has an agent of its own. */
bool lp_target_has_agent(pid_t pid, void *context);

/*
 * Selects by options->selectors. 0 (perhaps none), or a negative errno; -ENOENT and the like
 * concern the FILE of --object, which *culprit then names.
 */
int lp_targets_select(struct lp_targets *targets, const struct lp_options *options,
		      lp_target_filter filter, void *context, const char **culprit);
void lp_targets_deinit(struct lp_targets *targets);

#endif
