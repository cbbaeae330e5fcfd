/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core.h"

/* An operation of the host failed; it may have told the report more than we know. */
static void report_failure(struct lp_report *report, unsigned int total_before, int error,
			   const struct lp_function *function)
{
	struct lp_refusal refusal = {
		.reason = error == -ENOMEM ? LP_REASON_NO_MEMORY : LP_REASON_SYSTEM,
		.patch = function->patch->name,
		.object = function->object,
		.function = function->name,
	};

	if (report->total == total_before)
		lp_report_add(report, refusal);
}

int lp_site_create(struct lp_core *core, struct lp_function *function, struct lp_report *report)
{
	unsigned int total = report->total;
	int error = -ENOMEM;
	struct lp_site *site;

	site = core->host->alloc(core->host_data, sizeof(*site));
	if (!site)
		goto fail;
	lp_list_init(&site->transition_link);
	site->first = function;
	error = core->host->site_open(core->host_data, site);
	if (error)
		goto fail_free;
	lp_list_append(&core->sites, &site->link);
	function->site = site;
	return 0;

fail_free:
	core->host->free(core->host_data, site);
fail:
	report_failure(report, total, error, function);
	return error;
}

void lp_site_destroy(struct lp_core *core, struct lp_site *site)
{
	core->host->site_close(core->host_data, site);
	lp_list_remove(&site->transition_link);
	lp_list_remove(&site->link);
	core->host->free(core->host_data, site);
}
