/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host.h"

#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "checker.h"
#include "world.h"

/* Memory; poisoned when it is given back. */

static void *host_alloc(void *data, size_t size)
{
	struct world *world = data;
	size_t *memory;

	if (world_fails(world))
		return NULL;
	memory = calloc(1, size + 2 * sizeof(*memory));
	if (!memory)
		abort();
	memory[0] = size;
	world->host.allocated++;
	return memory + 2;
}

static void host_free(void *data, void *pointer)
{
	struct world *world = data;
	size_t *memory = pointer;

	if (!memory)
		return;
	memory -= 2;
	memset(pointer, 0xdd, memory[0]);
	free(memory);
	world->host.allocated--;
}

static uint64_t host_now_ns(void *data)
{
	struct world *world = data;

	return world->host.now_ns;
}

static void host_event(void *data, const struct lp_event *event)
{
	struct world *world = data;
	const struct fix *fix = fix_of(event->patch);

	world_tell(world, "  event %s %s#%u task %lld", lp_event_word(event->type),
		   fix ? fix->truth.name : "-", fix ? fix->serial : 0, (long long)event->tid);
	oracle_event(world, event);
}

/* Sites */

static struct entry *entry_of(struct world *world, const struct lp_site *site)
{
	return &world->entries[(uintptr_t)site->first->host];
}

static const struct object *object_of(struct world *world, const struct lp_site *site)
{
	uintptr_t function = (uintptr_t)site->first->host;

	return &world->program.objects[world->program.functions[function].object];
}

static int host_site_open(void *data, struct lp_site *site)
{
	struct world *world = data;
	struct entry *entry = entry_of(world, site);
	const struct object *object = object_of(world, site);

	if (!object->present && !object->arriving)
		world_violation(world, "I9", "a site is opened in an absent object");
	if (entry->site)
		world_violation(world, "I9", "a second site is opened for one function");
	if (world_fails(world))
		return -ENOSPC;
	entry->site = site;
	site->host = entry;
	return 0;
}

static void host_site_close(void *data, struct lp_site *site)
{
	struct world *world = data;
	struct entry *entry = site->host;

	if (!entry || entry->site != site)
		world_violation(world, "I9", "a site is closed that is not open");
	if (entry->redirected || entry->asks)
		world_violation(world, "I7", "a site is closed while its entry leads elsewhere");
	/* a hold is of the function, whatever becomes of its site */
	*entry = (struct entry){ .held = entry->held, .held_version = entry->held_version };
}

static void entry_join(struct world *world, struct lp_site *site)
{
	struct entry *entry = entry_of(world, site);

	if (entry->site != site)
		world_violation(world, "I9", "a site that is not open is in a transition");
	entry->joined = true;
	entry->current = fix_serial(site->current);
	entry->next = fix_serial(site->next);
}

static int host_site_patch(void *data, struct lp_site *site)
{
	struct world *world = data;
	struct entry *entry = site->host;

	if (world_fails(world))
		return -ENOMEM;
	/* in a transition too: until its redirect it is what it was before, like the other ones */
	entry->settled = fix_serial(site->current);
	entry->redirected = entry->settled != 0;
	if (lp_list_empty(&site->transition_link))
		return 0;
	entry_join(world, site);
	if (world->core.transition.phase == LP_PHASE_REDIRECT)
		return 0;
	if (!world->host.switching)
		world_violation(world, "I4", "a site joins a transition that is over");
	entry->redirected = entry->asks = true;
	return 0;
}

static void host_site_unpatch(void *data, struct lp_site *site)
{
	struct world *world = data;
	struct entry *entry = site->host;

	if (object_of(world, site)->present)
		world_violation(world, "I4", "a site is taken away whose object stays");
	entry->redirected = entry->asks = entry->joined = false;
	entry->settled = entry->current = entry->next = 0;
}

/* The transition */

static void holds_take(struct world *world, struct lp_transition *tr)
{
	struct lp_hold *hold;

	lp_list_for_each(hold, &tr->holds, transition_link) {
		struct entry *entry = &world->entries[(uintptr_t)hold->host];

		entry->held = true;
		if (hold->function)
			entry->held_version = fix_serial(hold->function);
	}
}

static int host_prepare(void *data, struct lp_transition *tr)
{
	struct world *world = data;
	struct lp_site *site;

	if (world->host.prepared)
		world_violation(world, "I9", "prepared twice");
	if (world_fails(world))
		return -ENOSPC;
	task_stir(world);
	world->host.prepared = true;
	world->host.epoch = tr->epoch;
	world->host.to_patched = true;
	lp_list_for_each(site, &tr->sites, transition_link)
		entry_join(world, site);
	holds_take(world, tr);
	return 0;
}

static int redirect_later(struct world *world, struct lp_verdict *verdict)
{
	unsigned int i;

	for (i = 0; i < world->program.n_functions; i++) {
		struct entry *entry = &world->entries[i];

		if (entry->joined && prng_once_in(&world->luck, 2))
			entry->redirected = entry->asks = true;
	}
	verdict->blocking = LP_BLOCKING_IN_ENTRY;
	return -EAGAIN;
}

static int host_redirect(void *data, struct lp_transition *tr, struct lp_verdict *verdict)
{
	struct world *world = data;
	unsigned int i;

	(void)tr;
	if (!world->host.prepared || world->host.switching)
		world_violation(world, "I9", "redirect without prepare, or twice");
	task_stir(world);
	if (world_fails(world))
		return -EIO;
	if (world_unlucky(world, 3))
		return redirect_later(world, verdict);
	for (i = 0; i < world->program.n_functions; i++) {
		struct entry *entry = &world->entries[i];

		if (entry->joined)
			entry->redirected = entry->asks = true;
	}
	world->host.switching = true;
	oracle_redirected(world);
	return 0;
}

static int host_target(void *data, struct lp_transition *tr)
{
	struct world *world = data;

	if (world_fails(world))
		return -ENOMEM;
	world->host.to_patched = tr->target == LP_PATCHED;
	world->host.epoch = tr->epoch;
	world->host.closing = world->host.listing = false;
	oracle_target(world, world->host.to_patched);
	task_stir(world);
	return 0;
}

static void transition_over(struct world *world)
{
	unsigned int i;

	for (i = 0; i < world->program.n_functions; i++) {
		struct entry *entry = &world->entries[i];

		entry->joined = entry->asks = entry->held = false;
		entry->redirected = entry->settled != 0;
		entry->held_version = 0;
	}
	world->host.prepared = world->host.switching = world->host.listing = false;
	world->host.closing = false;
}

static void host_settle(void *data, struct lp_transition *tr)
{
	struct world *world = data;
	struct lp_site *site;

	if (!world->host.switching)
		world_violation(world, "I4", "settled before the entries ask");
	lp_list_for_each(site, &tr->sites, transition_link) {
		struct entry *entry = site->host;

		if (!entry->joined)
			world_violation(world, "I4", "settles a site that was not prepared");
		entry->settled = fix_serial(site->current);
	}
	oracle_settled(world);
	transition_over(world);
	world->host.settles++;
	task_stir(world);
}

static void host_abandon(void *data, struct lp_transition *tr)
{
	struct world *world = data;

	(void)tr;
	if (!world->host.prepared || world->host.switching)
		world_violation(world, "I9", "abandoned when tasks may have switched");
	transition_over(world);
	oracle_abandoned(world);
	world->host.abandons++;
	task_stir(world);
}

/* Patches */

static void host_patch_release(void *data, struct lp_patch *patch)
{
	struct world *world = data;

	oracle_release(world, fix_of(patch), patch->pinned);
	fix_poison(fix_of(patch));
}

static void host_patch_keep(void *data, struct lp_patch *patch)
{
	struct world *world = data;

	oracle_keep(world, fix_of(patch));
}

const struct lp_host sim_host = {
	.alloc = host_alloc,
	.free = host_free,
	.now_ns = host_now_ns,
	.event = host_event,
	.site_open = host_site_open,
	.site_close = host_site_close,
	.prepare = host_prepare,
	.redirect = host_redirect,
	.target = host_target,
	.settle = host_settle,
	.abandon = host_abandon,
	.tasks_begin = host_tasks_begin,
	.task_next = host_task_next,
	.task_try_switch = host_task_try_switch,
	.task_force = host_task_force,
	.task_nudge = host_task_nudge,
	.callback = host_callback,
	.shadow_free_all = host_shadow_free_all,
	.site_patch = host_site_patch,
	.site_unpatch = host_site_unpatch,
	.patch_keep = host_patch_keep,
	.patch_release = host_patch_release,
};
