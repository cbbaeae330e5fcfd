/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "events.h"

#include "world.h"

/* The ones that are counted: all but what passes tell of tasks, callbacks, and objects. */
static bool is_counted(int type)
{
	switch (type) {
	case LP_EVENT_APPLY:
	case LP_EVENT_DISABLE:
	case LP_EVENT_UNDO:
	case LP_EVENT_REPLACE:
	case LP_EVENT_OVERRIDE:
	case LP_EVENT_RETURN:
	case LP_EVENT_COMPLETE:
	case LP_EVENT_ABANDON:
	case LP_EVENT_ENABLED:
	case LP_EVENT_DISABLED:
	case LP_EVENT_KEEP:
	case LP_EVENT_FORGET:
		return true;
	default:
		return false;
	}
}

static void want(struct world *world, int type, uint32_t serial)
{
	struct events *events = &world->oracle.events;

	if (events->n_wanted < MAX_EVENTS)
		events->wanted[events->n_wanted++] = (struct told){ type, serial };
}

static void want_each(struct world *world, int type, const uint32_t *list, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		want(world, type, list[i]);
}

void events_begin(struct world *world)
{
	world->oracle.events.n_told = world->oracle.events.n_wanted = 0;
}

void events_told(struct world *world, const struct lp_event *event)
{
	struct events *events = &world->oracle.events;
	const struct fix *fix = fix_of(event->patch);

	if (is_counted(event->type) && fix && events->n_told < MAX_EVENTS)
		events->told[events->n_told++] = (struct told){ (int)event->type, fix->serial };
}

static void expect_replaced(struct world *world, const struct plan *plan)
{
	unsigned int i;

	want_each(world, LP_EVENT_REPLACE, plan->leaving, plan->n_leaving);
	for (i = 0; i < plan->n_leaving; i++) {
		if (!world->fixes[plan->leaving[i]]->truth.replaceable)
			want(world, LP_EVENT_OVERRIDE, plan->leaving[i]);
	}
}

void events_expect_forget(struct world *world, uint32_t serial)
{
	want(world, LP_EVENT_FORGET, serial);
}

void events_expect_start(struct world *world)
{
	const struct plan *plan = &world->oracle.plan;

	if (plan->undoing)
		want(world, LP_EVENT_UNDO, plan->patch);
	else
		want(world, plan->disabling ? LP_EVENT_DISABLE : LP_EVENT_APPLY, plan->patch);
	if (plan->undoing)
		want_each(world, LP_EVENT_RETURN, plan->coming, plan->n_coming);
	if (!plan->disabling)
		expect_replaced(world, plan);
}

static void expect_forward(struct world *world, const struct plan *plan)
{
	unsigned int i;

	want_each(world, LP_EVENT_DISABLED, plan->leaving, plan->n_leaving);
	want_each(world, LP_EVENT_ENABLED, plan->coming, plan->n_coming);
	for (i = 0; i < plan->n_leaving; i++) {
		if (world->fixes[plan->leaving[i]]->truth.kept)
			want(world, LP_EVENT_KEEP, plan->leaving[i]);
	}
}

/* Those that come are out again; of those that were to leave, the one that was named is told. */
static void expect_back(struct world *world, const struct plan *plan, bool completed)
{
	if (plan->undoing)
		want_each(world, LP_EVENT_KEEP, plan->coming, plan->n_coming);
	if (!completed)
		return;
	if (plan->disabling)
		want(world, LP_EVENT_ENABLED, plan->patch);
	want_each(world, LP_EVENT_DISABLED, plan->coming, plan->n_coming);
}

void events_expect_end(struct world *world, bool completed, bool forward)
{
	const struct plan *plan = &world->oracle.plan;

	want(world, completed ? LP_EVENT_COMPLETE : LP_EVENT_ABANDON, plan->patch);
	if (forward)
		expect_forward(world, plan);
	else
		expect_back(world, plan, completed);
}

static unsigned int count(const struct told *list, unsigned int n, const struct told *told)
{
	unsigned int i, times = 0;

	for (i = 0; i < n; i++)
		times += list[i].type == told->type && list[i].serial == told->serial;
	return times;
}

static void check(struct world *world, const struct told *told)
{
	const struct events *events = &world->oracle.events;
	unsigned int times = count(events->told, events->n_told, told);
	unsigned int wanted = count(events->wanted, events->n_wanted, told);

	if (times != wanted)
		world_violation(world, "events",
				"the event %s of patch #%u is told %u times, not %u",
				lp_event_word((enum lp_event_type)told->type), told->serial, times,
				wanted);
}

void events_check(struct world *world)
{
	const struct events *events = &world->oracle.events;
	unsigned int i;

	for (i = 0; i < events->n_told; i++)
		check(world, &events->told[i]);
	for (i = 0; i < events->n_wanted; i++)
		check(world, &events->wanted[i]);
}
