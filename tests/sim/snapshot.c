/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snapshot.h"

#include "world.h"

static const char *const part_words[SNAPSHOT_PARTS] = { "the patches",	  "the sites",
							"the transition", "what can be undone",
							"the entries",	  "the memory" };

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	return hash ^ (hash >> 29);
}

static uint64_t mix_patch(uint64_t hash, const struct lp_patch *patch)
{
	const struct fix *fix = fix_of(patch);
	unsigned int i;

	hash = mix(hash, fix->serial);
	hash = mix(hash, patch->enabled | patch->in_transition << 1 | patch->forced << 2 |
				 patch->pinned << 3 | patch->leaving << 4 | patch->coming << 5 |
				 patch->kept << 6 | patch->replaceable << 7);
	for (i = 0; i < patch->n_functions; i++)
		hash = mix(hash, patch->functions[i].site != NULL);
	for (i = 0; i < patch->n_objects; i++)
		hash = mix(hash, patch->objects[i].present | patch->objects[i].pre_patched << 1 |
					 patch->objects[i].owed << 2 |
					 patch->objects[i].coming << 3);
	return hash;
}

static uint64_t patches(const struct world *world)
{
	const struct lp_patch *patch;
	uint64_t hash = world->core.epoch;

	lp_list_for_each(patch, &world->core.patches, link)
		hash = mix_patch(hash, patch);
	return hash;
}

static uint64_t sites(const struct world *world)
{
	const struct lp_site *site;
	uint64_t hash = 1;

	lp_list_for_each(site, &world->core.sites, link) {
		hash = mix(hash, (uintptr_t)site->first->host);
		hash = mix(hash, fix_serial(site->first));
		hash = mix(hash, fix_serial(site->current));
		hash = mix(hash, fix_serial(site->next));
		hash = mix(hash, lp_list_empty(&site->transition_link));
	}
	return hash;
}

static uint64_t transition(const struct world *world)
{
	const struct lp_transition *tr = &world->core.transition;
	const struct lp_blocker *blocker;
	const struct lp_site *site;
	uint64_t hash = mix(1, tr->phase);

	if (tr->phase == LP_PHASE_IDLE)
		return hash;
	hash = mix(mix(hash, tr->target), tr->epoch);
	hash = mix(hash, tr->patch ? fix_of(tr->patch)->serial : 0);
	hash = mix(hash, tr->disabling | tr->reversed << 1 | tr->timed_out << 2 | tr->fresh << 3 |
				 tr->undoing << 4 | tr->keep << 5);
	hash = mix(mix(hash, tr->passes), tr->deadline_ns);
	lp_list_for_each(site, &tr->sites, transition_link)
		hash = mix(hash, (uintptr_t)site->first->host);
	lp_list_for_each(blocker, &tr->blockers, link)
		hash = mix(mix(hash, (uint64_t)blocker->tid), blocker->tries);
	return hash;
}

static uint64_t undo(const struct world *world)
{
	const struct lp_patch *patch, *kept;
	uint64_t hash = mix(world->core.n_undo, world->core.undo_depth);

	lp_list_for_each(patch, &world->core.undo, undo_link) {
		hash = mix_patch(hash, patch);
		lp_list_for_each(kept, &patch->replaced, link)
			hash = mix_patch(hash, kept);
	}
	return hash;
}

static uint64_t text(const struct world *world)
{
	uint64_t hash = mix(world->host.prepared, world->host.switching);
	unsigned int i;

	for (i = 0; i < world->program.n_functions; i++) {
		const struct entry *entry = &world->entries[i];

		hash = mix(hash, (entry->site != NULL) | entry->redirected << 1 | entry->asks << 2 |
					 entry->joined << 3 | entry->held << 4);
		hash = mix(hash, entry->settled);
		if (entry->joined)
			hash = mix(mix(hash, entry->current), entry->next);
	}
	return hash;
}

void snapshot_take(const struct world *world, struct snapshot *snapshot)
{
	snapshot->parts[SNAPSHOT_PATCHES] = patches(world);
	snapshot->parts[SNAPSHOT_SITES] = sites(world);
	snapshot->parts[SNAPSHOT_TRANSITION] = transition(world);
	snapshot->parts[SNAPSHOT_UNDO] = undo(world);
	snapshot->parts[SNAPSHOT_TEXT] = text(world);
	snapshot->parts[SNAPSHOT_MEMORY] = (uint64_t)world->host.allocated;
}

void snapshot_compare(struct world *world, const struct snapshot *before,
		      const struct snapshot *after, const char *request)
{
	unsigned int i;

	for (i = 0; i < SNAPSHOT_PARTS && !world->run->config.blind; i++) {
		if (before->parts[i] != after->parts[i])
			world_violation(world, "I9", "%s was refused, and %s changed", request,
					part_words[i]);
	}
}
