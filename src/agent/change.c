/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change.h"

#include <errno.h>
#include <string.h>

#include "../x86_64/stub.h"
#include "alloc.h"
#include "clock.h"
#include "entries.h"
#include "loaded.h"
#include "text.h"
#include "view.h"

/* Where calls of a version go; NULL: the original. */
static uint64_t version_addr(const struct lp_gate *gate, const struct lp_function *version)
{
	return version ? lp_loaded_entry(version) : gate->moved_addr;
}

/* --- stubs --- */

static struct lp_stub_area *find_area(const struct lp_change *change, uint64_t base, uint32_t era)
{
	struct lp_stub_area *area = change->areas;

	while (area && !(area->base == base && area->era == era))
		area = area->next;
	return area;
}

static size_t sites_at(const struct lp_transition *tr, uint64_t base)
{
	const struct lp_site *site;
	size_t count = 0;

	lp_for_each_site(site, tr) count += ((const struct lp_gate *)site->host)->base == base;
	return count;
}

static struct lp_stub_area *get_area(struct lp_change *change, const struct lp_transition *tr,
				     const struct lp_gate *gate, uint32_t era, int *error)
{
	struct lp_stub_area *area = find_area(change, gate->base, era);
	/* near the slots, which are near the object */
	uint64_t lo = gate->yard->data.addr, hi = lo + gate->yard->data.size;

	if (area)
		return area;
	*error = -ENOMEM;
	area = lp_alloc(sizeof(*area));
	if (!area)
		return NULL;
	lo = lo < gate->yard->lo ? lo : gate->yard->lo;
	hi = hi > gate->yard->hi ? hi : gate->yard->hi;
	*error = lp_near_map_code(&area->code, lo, hi,
				  (sites_at(tr, gate->base) * LP_TRANSITION_STUB_SIZE + 4095) &
					  ~(size_t)4095);
	if (*error < 0) {
		lp_free(area);
		return NULL;
	}
	area->base = gate->base;
	area->era = era;
	area->next = change->areas;
	change->areas = area;
	return area;
}

static int write_stub(struct lp_stub_area *area, struct lp_site *site)
{
	struct lp_gate *gate = site->host;
	uint8_t bytes[LP_TRANSITION_STUB_SIZE];
	const struct lp_transition_stub stub = {
		.word_offset = lp_task_word_offset(),
		.patched = lp_word_value(area->era, true),
		.unpatched = lp_word_value(area->era, false),
		.next_addr = version_addr(gate, site->next),
		.current_addr = version_addr(gate, site->current),
		.slow_addr = (uint64_t)(uintptr_t)lp_slow_entry,
		.slot_addr = (uint64_t)(uintptr_t)gate->slot,
	};
	int r;

	lp_stub_transition(bytes, area->code.addr + area->used, &stub);
	r = lp_near_write(&area->code, area->used, bytes, sizeof(bytes));
	area->used += sizeof(bytes);
	return r;
}

static int make_stubs(struct lp_change *change, const struct lp_transition *tr, uint32_t era)
{
	struct lp_site *site;
	int r = 0;

	lp_for_each_site(site, tr)
	{
		struct lp_stub_area *area = get_area(change, tr, site->host, era, &r);

		if (!area)
			return r;
		r = write_stub(area, site);
		if (r < 0)
			return r;
	}
	for (struct lp_stub_area *area = change->areas; area; area = area->next)
		if (area->era == era)
			lp_near_seal(&area->code);
	return 0;
}

/* Stubs lie in their area in the order of the sites. */
static void point_slots_at_stubs(struct lp_change *change, const struct lp_transition *tr)
{
	struct lp_stub_area *area;
	struct lp_site *site;

	for (area = change->areas; area; area = area->next)
		area->used = 0;
	lp_for_each_site(site, tr)
	{
		struct lp_gate *gate = site->host;

		area = find_area(change, gate->base, change->era);
		lp_gate_set_slot(gate, area->code.addr + area->used);
		area->used += LP_TRANSITION_STUB_SIZE;
	}
}

static void bury_area(void *what)
{
	struct lp_stub_area *area = what;

	lp_near_unmap(&area->code);
	lp_free(area);
}

static void bury_areas(struct lp_change *change)
{
	while (change->areas) {
		struct lp_stub_area *area = change->areas;
		struct lp_grave *grave = lp_grave_dig(bury_area, area);

		change->areas = area->next;
		if (grave)
			lp_grave_watch(grave, area->code.addr, area->code.addr + area->code.size);
	}
}

/* --- busy ranges --- */

static int add_original(struct lp_ranges *ranges, const struct lp_site *site)
{
	const struct lp_gate *gate = site->host;
	const struct lp_loaded_function *own = site->first->host;
	const struct lp_patch_file *file = &own->loaded->file;
	uint64_t start = gate->base + gate->plan.old_addr;
	int r = lp_ranges_add(ranges, start, start + gate->plan.old_size, site->first);

	if (r == 0)
		r = lp_ranges_add(ranges, gate->moved_addr,
				  gate->moved_addr + gate->plan.moved_size, site->first);
	for (uint32_t i = 0; i < file->functions[own->index].part_count && r == 0; i++) {
		const struct lp_file_part *part =
			&file->parts[file->functions[own->index].parts + i];

		r = lp_ranges_add(ranges, gate->base + part->addr,
				  gate->base + part->addr + part->size, site->first);
	}
	return r;
}

static int add_function(struct lp_ranges *ranges, const struct lp_function *version)
{
	const struct lp_loaded_function *own = version->host;
	uint64_t marker = lp_marker_addr(&own->loaded->markers, own->index);
	int r = lp_ranges_add(ranges, own->new_addr, own->new_addr + own->new_size, version);

	return r < 0 ? r : lp_ranges_add(ranges, marker, marker + 32, version);
}

static int add_version(struct lp_ranges *ranges, const struct lp_site *site,
		       const struct lp_function *version)
{
	return version ? add_function(ranges, version) : add_original(ranges, site);
}

/* All code of a patch: helpers that its functions call are its code too. */
static int add_patch(struct lp_ranges *ranges, const struct lp_patch *patch)
{
	const struct lp_image *image = &lp_loaded_of(patch)->image;
	int r = 0;

	for (uint32_t i = 0; i < image->n_pieces && r == 0; i++) {
		const struct lp_image_piece *piece = &image->pieces[i];

		r = lp_ranges_add(ranges, piece->text_addr, piece->text_addr + piece->text_size,
				  NULL);
	}
	return r;
}

/* Held functions, as they are in their objects. */
static int add_held(struct lp_ranges *ranges, const struct lp_patch *patch)
{
	const struct lp_loaded *loaded = lp_loaded_of(patch);
	int r = 0;

	for (uint32_t i = 0; i < loaded->file.info->holds.count && r == 0; i++) {
		const struct lp_file_hold *hold = &loaded->file.holds[i];
		uint64_t start = loaded->objects[hold->object].base + hold->addr;

		r = lp_ranges_add(ranges, start, start + hold->size, NULL);
	}
	return r;
}

static int add_holds(struct lp_ranges *ranges, const struct lp_transition *tr)
{
	const struct lp_patch *patch;
	const struct lp_hold *hold;
	int r = 0;

	lp_list_for_each(patch, &tr->coming, transition_link)
		if (r == 0)
			r = add_held(ranges, patch);
	lp_list_for_each(patch, &tr->leaving, transition_link)
		if (r == 0)
			r = add_held(ranges, patch);
	/* those that another patch has replaced */
	lp_list_for_each(hold, &tr->holds, transition_link)
		if (r == 0 && hold->function)
			r = add_function(ranges, hold->function);
	return r;
}

static int add_versions(struct lp_ranges *ranges, const struct lp_transition *tr, bool next)
{
	const struct lp_patch *last = NULL;
	const struct lp_site *site;
	int r = add_holds(ranges, tr);

	lp_for_each_site(site, tr)
	{
		const struct lp_function *version = next ? site->next : site->current;

		if (r == 0)
			r = add_version(ranges, site, version);
		if (r == 0 && version && version->patch != last) {
			last = version->patch;
			r = add_patch(ranges, last);
		}
	}
	return r;
}

/* Stubs of this transition, and what is left of earlier ones. */
static int add_areas(struct lp_ranges *ranges, const struct lp_change *change)
{
#ifdef LP_BUG_STUB_NOT_BUSY
	return 0;
#endif
	int r = lp_grave_add_ranges(ranges);

	for (struct lp_stub_area *area = change->areas; area && r == 0; area = area->next)
		r = lp_ranges_add(ranges, area->code.addr, area->code.addr + area->code.size, NULL);
	return r;
}

static int make_ranges(const struct lp_change *change, const struct lp_transition *tr, bool next,
		       struct lp_ranges *ranges)
{
	int r;

	memset(ranges, 0, sizeof(*ranges));
	r = add_versions(ranges, tr, next);
	if (r == 0)
		r = add_areas(ranges, change);
	if (r == 0)
		r = lp_ranges_sort(ranges);
	if (r < 0)
		lp_ranges_deinit(ranges);
	return r;
}

/* Replaces the ranges by those with all stubs there are now; the old ones are parked. */
static int renew_ranges(struct lp_change *change, const struct lp_transition *tr)
{
	struct lp_ranges current, next;
	int r = make_ranges(change, tr, false, &current);

	if (r < 0)
		return r;
	r = make_ranges(change, tr, true, &next);
	if (r < 0) {
		lp_ranges_deinit(&current);
		return r;
	}
	lp_grave_park(&change->leaving_current);
	lp_grave_park(&change->leaving_next);
	change->leaving_current = current;
	change->leaving_next = next;
	return 0;
}

/* --- views --- */

static int publish(const struct lp_change *change, enum lp_view_phase phase)
{
	struct lp_view *view = lp_view_draft();

	if (!view)
		return -ENOMEM;
	view->era = change->era;
	view->chain = change->chain;
	view->phase = phase;
	view->leaving_current = change->leaving_current;
	view->leaving_next = change->leaving_next;
	lp_view_publish(view);
	return 0;
}

/*
 * "No transition": made when it starts, because it must not fail when it ends. Its ranges are freed
 * then, and no published view may still show them.
 */
static void publish_end(struct lp_change *change)
{
	struct lp_view *view = change->end;

	change->end = NULL;
	*view = *lp_view;
	view->era = 0;
	memset(&view->leaving_current, 0, sizeof(view->leaving_current));
	memset(&view->leaving_next, 0, sizeof(view->leaving_next));
	lp_view_publish(view);
}

/* --- the steps --- */

static void forget(struct lp_change *change)
{
	publish_end(change);
	bury_areas(change);
	lp_grave_park(&change->leaving_current);
	lp_grave_park(&change->leaving_next);
	change->era = change->chain = change->ready = 0;
}

int lp_change_prepare(struct lp_change *change, struct lp_transition *tr)
{
	int r;

	if (change->last_era + 2 >= LP_ERA_MAX)
		return -EOVERFLOW;
	change->chain = change->era = change->last_era + 1;
	change->redirect_tries = 0;
	change->pause_us = 0;
	change->end = lp_view_draft();
	r = change->end ? make_stubs(change, tr, change->era) : -ENOMEM;
	if (r == 0)
		r = make_stubs(change, tr, change->era + 1);
	if (r == 0)
		r = renew_ranges(change, tr);
	if (r < 0) {
		lp_view_discard(change->end);
		change->end = NULL;
		bury_areas(change);
		change->era = change->chain = 0;
		return r;
	}
	change->ready = change->era + 1;
	change->last_era = change->ready;
	return 0;
}

int lp_change_redirect(struct lp_change *change, struct lp_transition *tr,
		       struct lp_quiesce *quiesce, const struct lp_unwind_space *space,
		       struct lp_verdict *verdict)
{
#ifdef LP_BUG_NO_HOLDING
	int r = publish(change, LP_VIEW_SWITCHING);
#else
	int r = publish(change, LP_VIEW_HOLDING);
#endif

	if (r < 0)
		return r;
	point_slots_at_stubs(change, tr);
	r = lp_entries_redirect(tr, change->redirect_tries, quiesce, space, &change->pause_us,
				verdict);
	change->redirect_tries++;
	/* only now may tasks switch: each site asks */
	return r < 0 ? r : publish(change, LP_VIEW_SWITCHING);
}

/* The stubs and ranges of the era after this one; without them there is no further reverse. */
static int make_ready(struct lp_change *change, const struct lp_transition *tr)
{
	int r = make_stubs(change, tr, change->era + 1);

	if (r == 0)
		r = renew_ranges(change, tr);
	if (r == 0)
		change->ready = change->last_era = change->era + 1;
	return r;
}

int lp_change_target(struct lp_change *change, struct lp_transition *tr)
{
	if (change->ready == change->era) {
		int r = change->era + 2 >= LP_ERA_MAX ? -EOVERFLOW : make_ready(change, tr);

		if (r < 0)
			return r;
	}
	change->era++;
	if (publish(change, LP_VIEW_SWITCHING) < 0) {
		change->era--;
		return -ENOMEM;
	}
	point_slots_at_stubs(change, tr);
	return 0;
}

int lp_change_closing(struct lp_change *change)
{
	return lp_change_is_closing() ? 0 : publish(change, LP_VIEW_CLOSING);
}

bool lp_change_is_closing(void)
{
	return lp_view->phase == LP_VIEW_CLOSING;
}

static void open_for_good(struct lp_site *site)
{
	struct lp_gate *gate = site->host;

	lp_gate_set_slot(gate, version_addr(gate, site->current));
	if (!site->current)
		(void)lp_gate_restore(gate);
}

void lp_change_settle(struct lp_change *change, struct lp_transition *tr)
{
	struct lp_site *site;

	lp_for_each_site(site, tr) open_for_good(site);
	lp_text_barrier();
	forget(change);
}

void lp_change_abandon(struct lp_change *change, struct lp_transition *tr)
{
	lp_change_settle(change, tr);
}
