/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "blocker.h"

static struct lp_list *blocker_bucket(struct lp_transition *tr, int64_t tid)
{
	return &tr->blocker_buckets[(uint64_t)tid % LP_BLOCKER_BUCKETS];
}

static struct lp_blocker *blocker_find(struct lp_transition *tr, int64_t tid)
{
	struct lp_blocker *blocker;

	lp_list_for_each(blocker, blocker_bucket(tr, tid), bucket_link) {
		if (blocker->tid == tid)
			return blocker;
	}
	return NULL;
}

static struct lp_blocker *blocker_create(struct lp_core *core, int64_t tid)
{
	struct lp_transition *tr = &core->transition;
	struct lp_blocker *blocker;

	blocker = core->host->alloc(core->host_data, sizeof(*blocker));
	if (!blocker)
		return NULL;
	blocker->tid = tid;
	blocker->since_ns = core->host->now_ns(core->host_data);
	lp_list_append(&tr->blockers, &blocker->link);
	lp_list_append(blocker_bucket(tr, tid), &blocker->bucket_link);
	return blocker;
}

static void blocker_destroy(struct lp_core *core, struct lp_blocker *blocker)
{
	lp_list_remove(&blocker->bucket_link);
	lp_list_remove(&blocker->link);
	core->host->free(core->host_data, blocker);
}

unsigned int lp_blocker_update(struct lp_core *core, int64_t tid, const struct lp_verdict *verdict)
{
	struct lp_blocker *blocker = blocker_find(&core->transition, tid);

	if (!blocker)
		blocker = blocker_create(core, tid);
	if (!blocker)
		return 0;
	blocker->verdict = *verdict;
	blocker->pass = core->transition.passes;
	/* stays at the largest number: 0 has a meaning of its own */
	if (blocker->tries + 1)
		blocker->tries++;
	return blocker->tries;
}

bool lp_blocker_remove(struct lp_core *core, int64_t tid)
{
	struct lp_blocker *blocker = blocker_find(&core->transition, tid);

	if (!blocker)
		return false;
	blocker_destroy(core, blocker);
	return true;
}

void lp_blocker_expire(struct lp_core *core)
{
	struct lp_transition *tr = &core->transition;
	struct lp_blocker *blocker, *following;

	lp_list_for_each_safe(blocker, following, &tr->blockers, link) {
		if (blocker->pass != tr->passes)
			blocker_destroy(core, blocker);
	}
}

void lp_blocker_clear(struct lp_core *core)
{
	struct lp_blocker *blocker, *following;

	lp_list_for_each_safe(blocker, following, &core->transition.blockers, link)
		blocker_destroy(core, blocker);
}
