/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "grave.h"

#include <string.h>

#include "alloc.h"
#include "quiesce.h"
#include "view.h"

struct parked {
	struct parked *next;
	struct lp_ranges ranges;
	bool aged;
};

static struct lp_grave *graves;
static struct parked *parked;

struct lp_grave *lp_grave_dig(void (*bury)(void *what), void *what)
{
	return lp_grave_dig_wide(bury, what, 2);
}

struct lp_grave *lp_grave_dig_wide(void (*bury)(void *what), void *what, unsigned int ranges)
{
	struct lp_grave *grave = lp_alloc(sizeof(*grave) + ranges * sizeof(grave->ranges[0]));

	if (!grave)
		return NULL;
	grave->bury = bury;
	grave->what = what;
	grave->next = graves;
	graves = grave;
	return grave;
}

void lp_grave_watch(struct lp_grave *grave, uint64_t lo, uint64_t hi)
{
	grave->ranges[grave->n_ranges++] = (struct lp_grave_range){ lo, hi };
}

void lp_grave_park(struct lp_ranges *ranges)
{
	struct parked *entry = lp_alloc(sizeof(*entry));

	if (entry) { /* else they leak */
		entry->ranges = *ranges;
		entry->next = parked;
		parked = entry;
	}
	memset(ranges, 0, sizeof(*ranges));
}

static void age_parked(void)
{
	for (struct parked *entry = parked; entry; entry = entry->next)
		entry->aged = true;
}

static void free_aged_parked(void)
{
	for (struct parked **link = &parked; *link;) {
		struct parked *entry = *link;

		if (!entry->aged) {
			link = &entry->next;
			continue;
		}
		*link = entry->next;
		lp_ranges_deinit(&entry->ranges);
		lp_free(entry);
	}
}

void lp_grave_deinit(void)
{
	age_parked();
	free_aged_parked();
}

bool lp_grave_any(void)
{
	return graves;
}

static void mark_all(bool swept)
{
	for (struct lp_grave *grave = graves; grave; grave = grave->next)
		grave->swept = swept;
}

int lp_grave_add_ranges(struct lp_ranges *ranges)
{
	int r = 0;

	for (struct lp_grave *grave = graves; grave && r == 0; grave = grave->next)
		for (unsigned int i = 0; i < grave->n_ranges && r == 0; i++)
			r = lp_ranges_add(ranges, grave->ranges[i].lo, grave->ranges[i].hi, NULL);
	return r;
}

static bool start(struct lp_quiesce *quiesce, uint64_t agent_lo, uint64_t agent_hi)
{
	struct lp_ranges ranges = { 0 };
	int r = lp_ranges_add(&ranges, agent_lo, agent_hi, NULL);

	if (r == 0)
		r = lp_grave_add_ranges(&ranges);
	if (r == 0)
		r = lp_ranges_sort(&ranges);
	if (r < 0) {
		lp_ranges_deinit(&ranges);
		return false;
	}
	mark_all(true);
	lp_view_age();
	age_parked();
	if (lp_quiesce_start(quiesce, &ranges) == 0)
		return true;
	mark_all(false);
	lp_grave_park(&ranges);
	return false;
}

static void bury_swept(void)
{
	for (struct lp_grave **link = &graves; *link;) {
		struct lp_grave *grave = *link;

		if (!grave->swept) {
			link = &grave->next;
			continue;
		}
		*link = grave->next;
		if (!grave->revived)
			grave->bury(grave->what);
		lp_free(grave);
	}
}

bool lp_grave_sweep(struct lp_quiesce *quiesce, const struct lp_unwind_space *space,
		    uint64_t agent_lo, uint64_t agent_hi)
{
	struct lp_ranges ranges;

	if (!quiesce->active && (!graves || !start(quiesce, agent_lo, agent_hi)))
		return !graves;
	if (lp_quiesce_pass(quiesce, space) != 0)
		return false;
	lp_quiesce_stop(quiesce, &ranges);
	bury_swept();
	lp_view_free_aged();
	free_aged_parked();
	lp_grave_park(&ranges); /* a handler that runs just now may still read them */
	return !graves;
}

void lp_grave_pause(struct lp_quiesce *quiesce)
{
	struct lp_ranges ranges;

	if (!quiesce->active)
		return;
	lp_quiesce_stop(quiesce, &ranges);
	mark_all(false);
	lp_grave_park(&ranges);
}
