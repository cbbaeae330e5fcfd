/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dry_run.h - `suture check`: would the patch be accepted, and which tasks would block it now? */
#ifndef LP_AGENT_DRY_RUN_H
#define LP_AGENT_DRY_RUN_H

#include "agent.h"
#include "json.h"
#include "loaded.h"

/* The loaded patch against the enabled ones and the tasks as they stand. Changes nothing. */
void lp_dry_run_write(struct lp_json *json, struct lp_agent *agent, struct lp_loaded *loaded,
		      const struct lp_apply_options *options, struct lp_report *report);
/* It could not even be loaded. */
void lp_dry_run_write_unfit(struct lp_json *json, const struct lp_report *report, const char *why);

#endif
