/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trial.h - whether a program that was patched while it runs does what it does when it is built with
 * the diff: both are started and asked by a command, and what that says is compared.
 */
#ifndef LP_CLI_TRIAL_H
#define LP_CLI_TRIAL_H

#include <stdint.h>
#include <jansson.h>

#include "messages.h"

#define LP_TRIAL_TIMEOUT_DEFAULT_MS 60000

struct lp_trial_options {
	const char *start; /* starts the program; for /bin/sh, here */
	const char *test; /* asks it, when it runs; its output and exit status are compared */
	uint32_t timeout_ms; /* for each to be up, and for the test */
	const char *source; /* the tree that was built */
	const char *work; /* where lp_build() has left both sides of it */
	const char *const *targets;
	size_t n_targets;
	const char *patch; /* the .lp */
	void (*progress)(void *context, const char *phase, unsigned int done, unsigned int total);
	void *context;
	struct lp_messages *messages; /* refusals go there */
};

/*
 * 0: the same; -ECANCELED: not, or it could not be found out: reported. *result, the caller's:
 * {"same", "patched": {"status", "output"}, "rebuilt", "diff"}, as far as it came. The words of
 * refusals are "test-differs" and "test-failed", and those of `suture apply`.
 */
int lp_trial_run(const struct lp_trial_options *options, json_t **result);

#endif
