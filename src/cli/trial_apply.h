/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* trial_apply.h - the patch for all processes of a program on trial. Inside trial.c only. */
#ifndef LP_CLI_TRIAL_APPLY_H
#define LP_CLI_TRIAL_APPLY_H

#include "messages.h"
#include "stage.h"

/*
 * Applies the patch, by `suture apply`, until there is no process without it. log: file for its
 * answers. 0; -ECANCELED: refused, which was reported; or another negative errno.
 */
int lp_trial_apply(const struct lp_stage *stage, const char *patch, const char *log,
		   struct lp_messages *messages);

#endif
