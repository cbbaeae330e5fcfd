/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* status.h - the agent's state, and refusals, as JSON (control.h has the forms). */
#ifndef LP_AGENT_STATUS_H
#define LP_AGENT_STATUS_H

#include "agent.h"
#include "json.h"

/* What undo would do: {"name":"new","returns":["old"]}; nothing: null, or without a key {}. */
void lp_status_write_undo(struct lp_json *json, const char *key, const struct lp_core *core);

/* name "": all patches */
void lp_status_write(struct lp_json *json, const struct lp_agent *agent, const char *name);

/* {"reasons":[...]}; why: a sentence for LP_REASON_BAD_FILE, or NULL */
void lp_status_write_refusals(struct lp_json *json, const struct lp_report *report,
			      const char *why);
/* the array alone, under this key */
void lp_status_write_reasons(struct lp_json *json, const char *key, const struct lp_report *report,
			     const char *why);
/* what applying the patch would replace, after lp_core_check(): two arrays */
void lp_status_write_replaces(struct lp_json *json, const struct lp_core *core,
			      const struct lp_patch *patch);

#endif
