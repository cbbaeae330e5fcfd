/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "object.h"

#include "callback.h"
#include "name.h"

/* Does the transition in progress owe the patch's objects their post_? See object.h. */
static bool is_moving(const struct lp_core *core, const struct lp_patch *patch)
{
	return patch->in_transition && (patch->coming || lp_list_empty(&core->transition.coming));
}

static void object_tell(const struct lp_core *core, enum lp_event_type type,
			const struct lp_patch *patch, const struct lp_patch_object *object,
			int error)
{
	struct lp_event event = { .type = type, .patch = patch, .object = object, .error = error };

	lp_event_tell(core, event);
}

/* Kept patches have no part in it, but must know when they come back. */
static void object_note(struct lp_core *core, const char *name, bool present)
{
	struct lp_patch *by, *patch;

	lp_list_for_each(by, &core->undo, undo_link) {
		lp_list_for_each(patch, &by->replaced, link) {
			struct lp_patch_object *object = lp_patch_find_object(patch, name);

			if (object)
				object->present = present;
		}
	}
}

/* The object of the patch if it is just coming, or NULL. */
static struct lp_patch_object *object_coming(const struct lp_patch *patch, const char *name)
{
	struct lp_patch_object *object = lp_patch_find_object(patch, name);

	return object && object->coming ? object : NULL;
}

/* Marks it in all patches. True: there is one. */
static bool objects_mark(struct lp_core *core, const char *name)
{
	struct lp_patch *patch;
	bool found = false;

	lp_list_for_each(patch, &core->patches, link) {
		struct lp_patch_object *object = lp_patch_find_object(patch, name);

		if (!object || object->present)
			continue;
		object->coming = found = true;
	}
	return found;
}

static int objects_pre_patch(struct lp_core *core, const char *name, struct lp_report *report)
{
	struct lp_callback_call call = { .which = LP_PRE_PATCH };
	struct lp_patch *patch;
	int error;

	lp_list_for_each(patch, &core->patches, link) {
		call.object = object_coming(patch, name);
		if (!call.object)
			continue;
		error = lp_callback_object(core, patch, call.object, LP_PRE_PATCH);
		if (error) {
			lp_callback_report(report, patch, &call, error);
			return -ECANCELED;
		}
		call.object->pre_patched = true;
	}
	return 0;
}

/* Last first. */
static void objects_refuse(struct lp_core *core, const char *name, int error)
{
	struct lp_list *link;

	for (link = core->patches.prev; link != &core->patches; link = link->prev) {
		struct lp_patch *patch = lp_list_entry(link, struct lp_patch, link);
		struct lp_patch_object *object = object_coming(patch, name);

		if (!object)
			continue;
		if (object->pre_patched)
			(void)lp_callback_object(core, patch, object, LP_POST_UNPATCH);
		object->pre_patched = object->coming = object->present = false;
		object_tell(core, LP_EVENT_OBJECT_REFUSED, patch, object, error);
	}
}

static void objects_accept(struct lp_core *core, const char *name)
{
	struct lp_patch *patch;

	lp_list_for_each(patch, &core->patches, link) {
		struct lp_patch_object *object = object_coming(patch, name);

		if (!object)
			continue;
		object->coming = false;
		object_tell(core, LP_EVENT_OBJECT_COMING, patch, object, 0);
		if (is_moving(core, patch))
			object->owed = true;
		else
			(void)lp_callback_object(core, patch, object, LP_POST_PATCH);
	}
}

/* The sites */

/* Back to nothing, with its object. */
static void site_vanish(struct lp_core *core, struct lp_site *site)
{
	core->host->site_unpatch(core->host_data, site);
	if (site->current)
		site->current->site = NULL;
	if (site->next)
		site->next->site = NULL;
	site->current = site->next = NULL;
	lp_site_destroy(core, site);
}

static void site_versions(struct lp_core *core, struct lp_site *site, struct lp_function *function)
{
	struct lp_transition *tr = &core->transition;
	const struct lp_patch *patch = function->patch;

	if (!patch->coming)
		site->current = function;
	if (!patch->in_transition)
		site->next = function;
	else
		lp_site_join(tr, site, patch->coming ? function : lp_sites_next(tr, function));
}

static int site_appear(struct lp_core *core, struct lp_function *function, struct lp_report *report)
{
	unsigned int total = report->total;
	struct lp_site *site;
	int error;

	error = lp_site_create(core, function, report);
	if (error)
		return error;
	site = function->site;
	site_versions(core, site, function);
	error = core->host->site_patch(core->host_data, site);
	if (!error) {
		site->fresh = true;
		return 0;
	}
	if (report->total == total)
		lp_report_errno(report, error, function->patch->name);
	if (site->next)
		site->next->site = NULL;
	site->current = site->next = NULL;
	function->site = NULL;
	lp_site_destroy(core, site);
	return error;
}

static int sites_appear_patch(struct lp_core *core, struct lp_patch *patch, const char *name,
			      struct lp_report *report)
{
	const struct lp_patch_object *object = object_coming(patch, name);
	unsigned int i;
	int error;

	for (i = 0; object && i < patch->n_functions; i++) {
		struct lp_function *function = &patch->functions[i];

		if (function->owner != object || function->site)
			continue;
		error = site_appear(core, function, report);
		if (error)
			return error;
	}
	return 0;
}

/* What leaves comes first: its sites know what comes in the place of them. */
static int sites_appear(struct lp_core *core, const char *name, struct lp_report *report)
{
	struct lp_patch *patch;
	int error = 0;

	lp_list_for_each(patch, &core->patches, link) {
		if (!error && !patch->coming)
			error = sites_appear_patch(core, patch, name, report);
	}
	lp_list_for_each(patch, &core->patches, link) {
		if (!error && patch->coming)
			error = sites_appear_patch(core, patch, name, report);
	}
	return error;
}

static void sites_fresh(struct lp_core *core, bool stay)
{
	struct lp_site *site, *following;

	lp_list_for_each_safe(site, following, &core->sites, link) {
		if (!site->fresh)
			continue;
		site->fresh = false;
		if (!stay)
			site_vanish(core, site);
	}
}

static int objects_come(struct lp_core *core, const char *name, struct lp_report *report)
{
	int error;

	error = objects_pre_patch(core, name, report);
	if (error)
		return error;
	error = sites_appear(core, name, report);
	sites_fresh(core, !error);
	return error;
}

static void objects_present(struct lp_core *core, const char *name)
{
	struct lp_patch *patch;

	lp_list_for_each(patch, &core->patches, link) {
		struct lp_patch_object *object = object_coming(patch, name);

		if (object)
			object->present = true;
	}
	object_note(core, name, true);
}

int lp_core_object_coming(struct lp_core *core, const char *name, struct lp_report *report)
{
	int error;

	if (core->calling.patch) {
		(void)lp_transition_is_busy(core, report);
		return -EBUSY;
	}
	if (!objects_mark(core, name)) {
		object_note(core, name, true);
		return 0;
	}
	if (core->host->site_patch && core->host->site_unpatch) {
		error = objects_come(core, name, report);
	} else {
		lp_report_patch(report, LP_REASON_NO_OBJECT_EVENTS, NULL);
		error = -EOPNOTSUPP;
	}
	if (error) {
		objects_refuse(core, name, error);
		return error;
	}
	objects_present(core, name);
	objects_accept(core, name);
	return 0;
}

/* Going */

static void objects_pre_unpatch(struct lp_core *core, const char *name)
{
	struct lp_patch *patch;

	lp_list_for_each(patch, &core->patches, link) {
		struct lp_patch_object *object = lp_patch_find_object(patch, name);

		if (object && object->present && !is_moving(core, patch))
			(void)lp_callback_object(core, patch, object, LP_PRE_UNPATCH);
	}
}

/* By name: also those of patches that do not tell of their objects. */
static void sites_vanish(struct lp_core *core, const char *name)
{
	struct lp_site *site, *following;

	if (!core->host->site_unpatch)
		return;
	lp_list_for_each_safe(site, following, &core->sites, link) {
		if (lp_name_same(site->first->object, name))
			site_vanish(core, site);
	}
}

static void objects_go(struct lp_core *core, const char *name)
{
	struct lp_patch *patch;

	lp_list_for_each(patch, &core->patches, link) {
		struct lp_patch_object *object = lp_patch_find_object(patch, name);

		if (!object || !object->present)
			continue;
		object_tell(core, LP_EVENT_OBJECT_GOING, patch, object, 0);
		if (object->pre_patched)
			(void)lp_callback_object(core, patch, object, LP_POST_UNPATCH);
		object->pre_patched = object->owed = object->present = false;
	}
	object_note(core, name, false);
}

int lp_core_object_going(struct lp_core *core, const char *name)
{
	if (core->calling.patch)
		return -EBUSY;
	objects_pre_unpatch(core, name);
	sites_vanish(core, name);
	objects_go(core, name);
	return 0;
}
