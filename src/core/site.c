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

void lp_site_join(struct lp_transition *tr, struct lp_site *site, struct lp_function *next)
{
	site->next = next;
	if (next)
		next->site = site;
	lp_list_append(&tr->sites, &site->transition_link);
}

struct lp_function *lp_sites_next(const struct lp_transition *tr,
				  const struct lp_function *function)
{
	const struct lp_patch *patch;

	lp_list_for_each(patch, &tr->coming, transition_link) {
		struct lp_function *next = lp_patch_find(patch, function);

		if (next)
			return next;
	}
	return NULL;
}

/* The functions of a leaving patch go to a coming one's, or back to the original (a nop). */
static void sites_join_leaving(struct lp_transition *tr, const struct lp_patch *leaving)
{
	unsigned int i;

	for (i = 0; i < leaving->n_functions; i++) {
		const struct lp_function *old = &leaving->functions[i];

		if (old->site) /* its object is there */
			lp_site_join(tr, old->site, lp_sites_next(tr, old));
	}
}

/* A coming patch's functions that no leaving patch has: nobody has them, they are new sites. */
static int sites_join_coming(struct lp_core *core, struct lp_patch *coming,
			     struct lp_report *report)
{
	unsigned int i;
	int error;

	for (i = 0; i < coming->n_functions; i++) {
		struct lp_function *function = &coming->functions[i];

		if (function->site || !lp_function_present(function))
			continue;
		error = lp_site_create(core, function, report);
		if (error)
			return error;
		lp_site_join(&core->transition, function->site, function);
	}
	return 0;
}

int lp_sites_join(struct lp_core *core, struct lp_report *report)
{
	struct lp_transition *tr = &core->transition;
	struct lp_patch *patch;
	int error = 0;

	lp_list_for_each(patch, &tr->coming, transition_link)
		lp_sites_detach(patch);
	lp_list_for_each(patch, &tr->leaving, transition_link)
		sites_join_leaving(tr, patch);
	lp_list_for_each(patch, &tr->coming, transition_link) {
		if (!error)
			error = sites_join_coming(core, patch, report);
	}
	return error;
}

void lp_sites_choose(struct lp_transition *tr, bool next)
{
	struct lp_site *site;

	lp_list_for_each(site, &tr->sites, transition_link) {
		if (next)
			site->current = site->next;
		else
			site->next = site->current;
		/* the version it was named after may be about to go */
		if (site->current)
			site->first = site->current;
	}
}

/* The last one to join first. */
void lp_sites_leave(struct lp_core *core)
{
	struct lp_list *head = &core->transition.sites;

	while (!lp_list_empty(head)) {
		struct lp_site *site = lp_list_entry(head->prev, struct lp_site, transition_link);

		lp_list_remove(&site->transition_link);
		if (!site->current)
			lp_site_destroy(core, site);
	}
}

void lp_sites_detach(struct lp_patch *patch)
{
	unsigned int i;

	for (i = 0; i < patch->n_functions; i++) {
		patch->functions[i].patch = patch;
		patch->functions[i].site = NULL;
	}
}
